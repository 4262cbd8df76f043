"""Where an adapted policy comes from, as its settings say: taken in with types before anything is done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from daml.demos import Fit
from daml.demos.parsing import Seconds, parse

LONGEST_TEXT = 4096
"""Characters of a path or of a task's name: no system takes longer paths."""

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
"""A text of bearable length."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What `daml adapt` notes of a policy; None where nothing was noted, as of policies made in Python."""

    prior: Text | None = None
    """Name or folder of the prior."""
    video: Text | None = None
    """The video that it was adapted to."""
    task: Text | None = None
    """The task that the video shows, kind/split/index; None for one of unknown origin."""
    start_s: Seconds | None = None
    """Second of the video at which the demonstration begins."""
    end_s: Seconds | None = None
    """Second at which it ends; None for the end of the video."""
    fit: Fit | None = None
    """How pictures were brought to the prior's aspect ratio."""


def read_origin(provenance: Mapping[str, Any], *, where: str) -> Origin:
    """Take in where a policy comes from.

    Args:
        provenance: What its settings say; fields of other names are free form.
        where: The file that it was read from, for errors.

    Raises:
        ValueError: A field is of another type; the message names file and field.
    """
    return parse(dict(provenance), Origin, where=f"{where}: provenance")
