"""From a video to a policy that imitates what it shows: by way of what is read of it, where it can be read."""

import time
from dataclasses import dataclass
from pathlib import Path

from daml.app.videos.excerpt import Excerpt
from daml.demos import FilmNotReadableError, HumanDemo, Reading, draw_reading, write_picture
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.guided_demo import guide
from daml.evaluation.film_judgement import AdaptOn, Understanding, check_step, understand
from daml.learners.learner import Learner
from daml.terminal.console import say


@dataclass(frozen=True, eq=False)
class Imitation:
    """A policy that imitates a video."""

    policy: AdaptedPolicy
    """The policy."""
    adapt_ms: float
    """Time of the adaptation, in milliseconds."""
    film: HumanDemo
    """The excerpt of the video, at its own size."""
    understanding: Understanding | None
    """What was made of it; None where it was adapted to as it is."""


def imitate(
    prior: Learner,
    video: Path,
    *,
    excerpt: Excerpt,
    adapt_on: AdaptOn,
    step: int,
    seed: int = 0,
    otherwise: str | None = None,
) -> Imitation:
    """Adapt a prior to a video.

    Args:
        prior: What is adapted.
        video: Video file or folder of images.
        excerpt: Which part of it counts.
        adapt_on: What is adapted to where the film is read: see `AdaptOn`.
        step: Number of the step that is imitated, from 1, where the film is read.
        seed: Seed of retold films.
        otherwise: A film that is not read is refused, with this advice, unless empty, on what else to do; when None it
            is adapted to as it is.

    Raises:
        FilmNotReadableError: It is not to be adapted to as it is, but cannot be read; the message says what to do.
        ValueError: It is no video, has no such part or step, or cannot be adapted to.
        ImportError: Likewise, but the extra `hands` is not installed.
        OSError: It cannot be opened; or likewise, but the models are missing.
    """
    film = excerpt.of(video)
    reading = excerpt.read_if_possible(video) if otherwise is None else _read_or_refuse(excerpt, video, otherwise)
    try:
        if reading is None:
            demo = film.resized(*prior.config.image_size, fit=excerpt.fit)
            began = time.perf_counter()
            policy = adapt(prior, demo)
            return Imitation(policy, 1000 * (time.perf_counter() - began), film, None)
        if len(reading.steps) > 1:
            say(f"{video}: {len(reading.steps)} steps; step {step} is imitated (--step)")
        check_step(reading, step - 1)
        guided: HumanDemo | None = None
        if adapt_on == "raw":
            size = prior.config.image_size
            guided = guide(film, reading, size=size, step=step - 1, start_s=excerpt.start)
        understanding = understand(prior, reading, step=step - 1, guided=guided, seed=seed)
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from error
    return Imitation(understanding.policy, understanding.adapt_ms, film, understanding)


def show_understanding(understanding: Understanding, *, picture: Path) -> None:
    """Draw what was read and what the policy believes, and warn where the two differ."""
    belief, step = understanding.belief.places(), understanding.reading.steps[understanding.step]
    write_picture(picture, draw_reading(understanding.reading, believed=belief))
    say(f"what was read, and what the policy believes: {picture}")
    for name in understanding.doubts:
        (x, y), (read_x, read_y) = belief[name], step.item if name == "item" else step.destination
        say(
            f"warning: the policy takes what is at ({x:.2f}, {y:.2f}) for the {name}, but the film shows the one at "
            f"({read_x:.2f}, {read_y:.2f})"
        )


def _read_or_refuse(excerpt: Excerpt, video: Path, otherwise: str) -> Reading:
    """Read a film; where that fails, say why and what else to do."""
    ending = f"; {otherwise}" if otherwise else ""
    try:
        return excerpt.read(video)
    except FilmNotReadableError as error:
        raise FilmNotReadableError(f"{error}{ending}") from error
    except ImportError as error:
        raise ImportError(f"{video}: what it shows is not read ({error}){ending}") from error
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{video}: what it shows is not read ({error}){ending}") from error
