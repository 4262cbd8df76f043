"""How far long work has come, as its observers are told."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Progress(NamedTuple):
    """How far one stage of a piece of work has come."""

    stage: str
    """Name of the stage, such as "collecting" or "meta-training"."""
    done: int
    """Steps, tasks or episodes done."""
    total: int
    """How many there are in all."""
    figures: Mapping[str, float] = {}
    """Figures of the moment by name, such as "loss"; a name ends in its unit where that is not 1."""


Observer = Callable[[Progress], None]
"""Is told of progress: a progress bar, a log, a page."""


def under_name(stage: str, observers: Sequence[Observer]) -> list[Observer]:
    """Return observers that are told another name of the stage."""

    def rename(observe: Observer) -> Observer:
        return lambda progress: observe(progress._replace(stage=stage))

    return [rename(observe) for observe in observers]


def report_share(observers: Sequence[Observer], stage: str, share: float) -> None:
    """Tell all observers how much of a stage is done, from 0 to 1, in percent."""
    report(observers, Progress(stage, round(100 * share), 100))


def report(observers: Sequence[Observer], progress: Progress) -> None:
    """Tell all observers."""
    for observe in observers:
        observe(progress)
