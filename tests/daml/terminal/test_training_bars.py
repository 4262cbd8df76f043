"""Laws of the progress bars of a training run."""

from daml.terminal.console import progress_bar
from daml.terminal.training_bars import PreparationBars, TrackerBars, TrainingBar


def test_the_bar_shows_the_latest_of_each_figure():
    with progress_bar(visible=False) as progress:
        show = TrainingBar(progress, progress.add_task("round", total=9, figures=""))
        show(2, {"validation_success_rate": 0.5, "loss": 2.0})
        show(3, {"loss": 1.0, "gradient_norm": 7.0})

    (task,) = progress.tasks
    assert (task.completed, task.fields["figures"]) == (3, "validation success 0.500, loss 1.000")


def test_what_is_not_done_has_no_bar():
    with progress_bar(visible=False) as progress:
        bars = PreparationBars(progress, n_tasks=5, n_steps=8)
        assert progress.tasks == []
        bars.show_pictures(4, 2)
        bars.show_pictures(2, 1)
        assert [(task.description, task.completed, task.total) for task in progress.tasks] == [("pictures", 3, 5)]
        bars.show_step(6, 0.25)

    task = progress.tasks[1]
    assert (task.description, task.completed, task.total) == ("pretraining", 6, 8)
    assert task.fields["figures"] == "objects recognised 25%"


def test_every_round_of_the_tracker_has_bars_of_its_own():
    with progress_bar(visible=False) as progress:
        bars = TrackerBars(progress, n_tasks=4, n_steps=8)
        for _ in range(2):
            bars.show_tracks(0, 1)
            bars.show_tracks(80, 3)
            bars.show_step(8, 0.5)

    shown = [(task.description, task.completed, task.total) for task in progress.tasks]
    assert shown == [("watching", 4, 4), ("tracker", 8, 8)] * 2
