"""A visitor's film on its way in: received within a size, into the visitor's folder, under a name of ours."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request

MOST_BYTES = 100_000_000
"""Size of a film: a minute of a phone's 1080p takes 60 to 130 MB, and a demonstration takes ten seconds."""
LONGEST_RECORDING_S = 20
"""Time after which the page itself stops filming, in seconds."""
_FREE_BYTES = 2_000_000_000
"""Room on the disk that films leave to others."""


async def receive_film(request: Request, folder: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """Write the body of a request into a visit's folder, as `film` with the suffix that the request states.

    The visitor's own name for the film is neither sent nor kept.

    Args:
        request: A request with the film as its body, and `suffix` among its parameters.
        folder: The visit's folder.
        most_bytes: Size beyond which nothing more is read.

    Returns:
        What is wrong, in words; nothing where the film was received.
    """
    suffix = f".{request.query_params.get('suffix', '').lower()}"
    suffixes = await to_thread.run_sync(_video_suffixes)
    if suffix not in suffixes:
        return f"this kind of file is not known; expected a video: {', '.join(suffixes)}"
    if shutil.disk_usage(folder).free < _FREE_BYTES:
        return "the machine's disk is full; come back in an hour"
    part = folder / "film.part"
    try:
        n_bytes = await _receive(request, part, most_bytes=most_bytes)
        if n_bytes > most_bytes:
            return f"this film is larger than {most_bytes / 1e6:g} MB; export it smaller, or trim it"
        if n_bytes == 0:
            return "this file is empty; record or copy it again"
        await to_thread.run_sync(_put_in_place, part, suffix)
    except ClientDisconnect:
        return "the connection was lost"
    else:
        return ""
    finally:
        part.unlink(missing_ok=True)


async def _receive(request: Request, part: Path, *, most_bytes: int) -> int:
    """Write the body of a request to a file; return its size, or more than the most where it is larger."""
    stated = request.headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > most_bytes:
        return most_bytes + 1
    n_bytes = 0
    with part.open("wb") as file:
        async for piece in request.stream():
            n_bytes += len(piece)
            if n_bytes > most_bytes:
                break
            file.write(piece)
    return n_bytes


def _put_in_place(part: Path, suffix: str) -> None:
    """Make a received film that of its visit; an earlier one goes."""
    remove_film(part.parent, spared=part)
    part.replace(part.with_name(f"film{suffix}"))


def remove_film(folder: Path, *, spared: Path | None = None) -> None:
    """Remove a visit's film, and what was read in it."""
    for path in [*folder.glob("film.*"), *folder.glob("reading.*")]:
        if path != spared:
            path.unlink()


def _video_suffixes() -> Sequence[str]:
    """Return the suffixes of films; what decodes them takes half a second to load, and the first page needs none."""
    from daml.demos.video.video_file import VIDEO_SUFFIXES  # noqa: PLC0415 - see above

    return VIDEO_SUFFIXES
