"""Progress bars of the parts of a training run."""

from collections.abc import Mapping

from rich.progress import Progress, TaskID


class TrainingBar:
    """Shows the figures of meta-training at a bar."""

    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress, self._bar = progress, bar
        self._latest: dict[str, float] = {}

    def __call__(self, step: int, figures: Mapping[str, float]) -> None:
        """Show a step and the latest of each figure."""
        self._latest.update(figures)
        names = {"validation_success_rate": "validation success", "loss": "loss", "item_error_m": "item error [m]"}
        text = ", ".join(f"{title} {self._latest[name]:.3f}" for name, title in names.items() if name in self._latest)
        self._progress.update(self._bar, completed=step, figures=text)


class PreparationBars:
    """Shows how pictures are taken and the trunk is pretrained; nothing where it is there already."""

    def __init__(self, progress: Progress, *, n_tasks: int, n_steps: int) -> None:
        self._progress = progress
        self._totals = {"pictures": n_tasks, "pretraining": n_steps}
        self._bars: dict[str, TaskID] = {}

    def show_pictures(self, _n_pictures: int, n_tasks: int) -> None:
        """Advance by tasks whose scenes have been pictured."""
        advance(self._progress, self._bar("pictures"), 0, n_tasks)

    def show_step(self, step: int, share: float) -> None:
        """Show a step of pretraining, and the share of objects recognised."""
        self._progress.update(self._bar("pretraining"), completed=step, figures=f"objects recognised {share:.0%}")

    def _bar(self, name: str) -> TaskID:
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=self._totals[name], figures="")
        return self._bars[name]


class TrackerBars:
    """Shows how policies are watched and the tracker learns, round after round."""

    def __init__(self, progress: Progress, *, n_tasks: int, n_steps: int) -> None:
        self._progress = progress
        self._n_tasks, self._n_steps = n_tasks, n_steps
        self._watching: TaskID | None = None
        self._training: TaskID | None = None

    def show_tracks(self, _n_frames: int, n_tasks: int) -> None:
        """Advance by tasks that have been watched."""
        if self._watching is None:
            self._watching, self._training = self._progress.add_task("watching", total=self._n_tasks, figures=""), None
        advance(self._progress, self._watching, 0, n_tasks)

    def show_step(self, step: int, loss: float) -> None:
        """Show a step of the tracker's training."""
        if self._training is None:
            self._training, self._watching = self._progress.add_task("tracker", total=self._n_steps, figures=""), None
        self._progress.update(self._training, completed=step, figures=f"loss {loss:.3f}")


def advance(progress: Progress, bar: TaskID, _n_frames: int, n_tasks: int) -> None:
    """Advance a bar by tasks."""
    progress.update(bar, advance=n_tasks)
