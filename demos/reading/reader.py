"""From a video file, or a film and its hands, to what was done in it."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from daml.demos.demo import HumanDemo
from daml.demos.hands.reader import Observer, Sighting, read_hands
from daml.demos.hands.tracks import HandTracks, pinch_points
from daml.demos.reading.clean_plates import Plates, plates_after, plates_before
from daml.demos.reading.destinations import destination_of
from daml.demos.reading.evidence import find_pairs
from daml.demos.reading.moves import Move, look_closely, with_whole_outlines
from daml.demos.reading.placing import find_placing
from daml.demos.reading.reading import ActingHand, FilmNotReadableError, Reading, Step
from daml.demos.reading.selection import choose_steps, rivals_of, with_surest_moments
from daml.demos.reading.still_film import StillFilm, prepare
from daml.demos.reading.verdict import (
    CARRIED,
    FITTED,
    PLACING,
    advice,
    carriedness,
    confidence,
    held_between,
    is_told,
    refuse_unreadable,
)
from daml.demos.reading.workspace import clean_first_frame, contour, workspace
from daml.demos.video.thinning import ThinnedClip

_KEPT_SIDE = 480
"""Longer side of the pictures that are kept [px]: more than is read, for what is cut out of the clean first frame."""
_MAX_BYTES = 160_000_000
"""Memory of the film that is kept: 400 pictures, or a minute; a longer film is thinned evenly."""


def watch(
    path: str | Path, *, start_s: float = 0.0, end_s: float = math.inf, observers: Iterable[Observer] = ()
) -> tuple[HumanDemo, HandTracks]:
    """Find the hands of a film, and keep a small copy of it, in one pass.

    Args:
        path: A video file or a folder of images.
        start_s: Time of the first picture [s].
        end_s: Time of the last one [s].
        observers: Called with each picture and its hands, as for a progress bar.

    Returns:
        The film as it is read, and its hands.

    Raises:
        ImportError: The extra `hands` is not installed.
        FileNotFoundError: There is no such film, or the models are not installed.
        ValueError: The film cannot be decoded, or shows fewer than two pictures.
    """
    kept = ThinnedClip(max_bytes=_MAX_BYTES, max_rate_hz=math.inf)
    numbers = iter(range(10**9))

    def keep(sighting: Sighting) -> None:
        number = next(numbers)
        if kept.wants(sighting.time_s, number):
            height, width = sighting.picture.shape[:2]
            scale = min(1.0, _KEPT_SIDE / max(height, width))
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            small = np.asarray(cv2.resize(sighting.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
            kept.add(small, time=sighting.time_s, number=number)

    hands = read_hands(path, start_s=start_s, end_s=end_s, observers=[keep, *observers])
    if len(kept.times) < 2:
        raise ValueError(f"{path}: {len(kept.times)} picture(s), but at least 2 are needed; record a longer video")
    return HumanDemo(*kept.gathered()), hands


def read_film(
    path: str | Path, *, start_s: float = 0.0, end_s: float = math.inf, observers: Iterable[Observer] = ()
) -> Reading:
    """Read a video file: what was moved, from where, to where, when and how.

    Args:
        path: A video file or a folder of images.
        start_s: Time of the first picture [s].
        end_s: Time of the last one [s].
        observers: Called with each picture and its hands, as for a progress bar.

    Returns:
        The reading; its times are those of the file.

    Raises:
        FilmNotReadableError: The film shows no step that can be told; the message says what to film differently.
        ImportError: The extra `hands` is not installed.
        FileNotFoundError: There is no such film, or the models are not installed.
        ValueError: The film cannot be decoded.
    """
    film, hands = watch(path, start_s=start_s, end_s=end_s, observers=observers)
    try:
        return read_steps(film, hands, starts_at_s=start_s)
    except FilmNotReadableError as error:
        raise FilmNotReadableError(f"{path}: {error}") from None


def read_steps(film: HumanDemo, hands: HandTracks, *, starts_at_s: float = 0.0) -> Reading:
    """Read a film whose hands are known.

    Args:
        film: The film, of any size.
        hands: Its hands; times count from the film's first picture.
        starts_at_s: What is added to all times of the reading [s].

    Returns:
        The reading.

    Raises:
        FilmNotReadableError: The film shows no step that can be told; the message says what to film differently.
    """
    still = prepare(film, hands)
    refuse_unreadable(still)
    before, after = plates_before(still), plates_after(still)
    looked_at = [look_closely(still, before, after, pair) for pair in find_pairs(still, before, after)]
    found = [move for move in looked_at if move is not None]
    chosen = with_surest_moments(still, choose_steps(still, found), found)
    moves = [move for move in chosen if is_told(move, rivals=rivals_of(still, move, chosen, found))]
    is_placing = not moves
    if is_placing:
        placing = find_placing(still, before, after)
        if placing is not None and is_told(placing, PLACING, rivals=rivals_of(still, placing, [placing], found)):
            moves = [placing]
    if not moves:
        raise FilmNotReadableError(advice(still, found))
    if not is_placing:
        moves = [with_whole_outlines(still, before, after, move) for move in moves]
    calibration = PLACING if is_placing else FITTED
    sure = [confidence(move, calibration, rivals=rivals_of(still, move, moves, found)) for move in moves]
    steps = tuple(
        _step(still, before, after, move, sure=share, starts_at_s=starts_at_s)
        for move, share in zip(moves, sure, strict=True)
    )
    if is_placing:
        steps = tuple(replace(step, kind="place") for step in steps)
    return Reading(
        steps=steps,
        clean_first_frame=clean_first_frame(film, still, moves[0]),
        crop=workspace(still, moves),
        acting_hand=_acting_hand(still, moves, starts_at_s),
        moments=tuple((film.frames[move.start], film.frames[move.end]) for move in moves),
        camera_motion=still.camera.extent,
    )


def _step(film: StillFilm, before: Plates, after: Plates, move: Move, *, sure: float, starts_at_s: float) -> Step:
    """Say what a move was, in shares and seconds, and how sure that is."""
    one, two = before.pictures[move.pair.before], after.pictures[move.pair.after]
    moments = held_between(film, one, two, move)
    is_carried = carriedness(film, move, moments) > CARRIED
    start_s, end_s = film.times_s[move.pair.hand.pictures[list(moments)]] + starts_at_s
    size = np.array(film.size)
    item = move.item.center / size
    place = destination_of(move.put, one, stands=is_carried) / size
    return Step(
        kind="pick-place" if is_carried else "push",
        item=(float(item[0]), float(item[1])),
        destination=(float(place[0]), float(place[1])),
        start_s=float(start_s),
        end_s=float(end_s),
        hand="right" if move.pair.hand.rightness >= 0.5 else "left",
        outline=contour(move.item.mask, film.size),
        put_outline=contour(move.put.mask, film.size),
        confidence=sure,
    )


def _acting_hand(film: StillFilm, moves: list[Move], starts_at_s: float) -> ActingHand:
    """Follow the hand that acts: between two steps, that of the earlier one."""
    pieces: list[tuple[float, np.ndarray]] = []
    for number, move in enumerate(moves):
        hand = move.pair.hand
        first = 0 if number == 0 else moves[number - 1].end + 1
        last = len(film.frames) if number + 1 == len(moves) else move.end
        chosen = (hand.pictures >= first) & (hand.pictures <= last)
        places = pinch_points(hand.landmarks[chosen]) / film.size
        pieces += zip(film.times_s[hand.pictures[chosen]] + starts_at_s, places, strict=True)
    return ActingHand(np.array([time for time, _ in pieces]), np.stack([place for _, place in pieces]))
