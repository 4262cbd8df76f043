"""What the commands that judge share: running evaluations, writing and showing their results, naming clips."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from daml import envs
from daml.evaluation.eval_info import eval_info, eval_info_file
from daml.evaluation.evaluation import Evaluation, EvaluationConfig, Method, SceneConfig, evaluate
from daml.storage.result_files import check_output_file, write_json
from daml.terminal.console import say
from daml.terminal.evaluations import show_evaluations
from daml.terminal.progress_bars import ProgressBars


def check_outputs(output: Path, *, videos: int) -> None:
    """Check where results will be written, before anything is computed.

    Raises:
        ValueError: The file is no JSON file, or the number of clips is negative.
        PermissionError: The folder does not take new files.
    """
    check_output_file(output, suffixes=(".json",))
    if videos < 0:
        raise ValueError(f"number of videos is {videos}; expected at least 0")


def judge(
    method: Method, config: EvaluationConfig | SceneConfig, *, image_size: int, provenance: Mapping[str, Any]
) -> Evaluation:
    """Evaluate, under a progress bar."""
    with ProgressBars() as bars:
        return evaluate(method, config, image_size=image_size, provenance=provenance, observers=[bars])


def write_results(evaluations: Sequence[Evaluation], output: Path) -> None:
    """Write one evaluation as it is, or several by their kinds, and show them: last, so that who finds it has all."""
    results = {evaluation.settings["kind"]: evaluation.to_json() for evaluation in evaluations}
    write_json(eval_info_file(output), eval_info(evaluations))
    write_json(output, results if len(results) > 1 else next(iter(results.values())))
    show_evaluations(evaluations)
    say(f"written to {output}")


def clip_path(output: Path, task: envs.Assignment) -> Path:
    """Name the clip of a task, in a folder beside the result."""
    name = f"{task.index:04d}" if isinstance(task, envs.Task) else "scene"
    return output.with_suffix(".videos") / f"{task.kind}-{name}.mp4"
