"""What the commands that judge share: running evaluations, writing and showing their results, naming clips."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from daml import envs
from daml.chains.chain import ChainRun
from daml.chains.chain_evaluation import ChainEvaluation, evaluate_chains
from daml.engines.engine import Workers
from daml.evaluation.candidates import Method
from daml.evaluation.episode_jobs import JudgedEpisode
from daml.evaluation.eval_info import eval_info, eval_info_file
from daml.evaluation.evaluation import Evaluation, evaluate
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig
from daml.evaluation.kept_episodes import KeptEpisodes, episodes_file
from daml.learners.methods import read_learner
from daml.storage.digest import digest
from daml.storage.result_files import check_output_file, write_json
from daml.storage.versions import versions
from daml.terminal.console import say
from daml.terminal.evaluations import show_evaluations
from daml.terminal.progress_bars import ProgressBars
from daml.terminal.worker_options import WorkerOptions


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
    method: Method,
    configs: Sequence[EvaluationConfig | SceneConfig],
    *,
    image_size: int,
    provenance: Mapping[str, Any],
    tensors: Sequence[Tensor],
    output: Path,
    workers: Workers,
) -> list[Evaluation]:
    """Evaluate, under progress bars; episodes that ended before the command was stopped are not run again.

    Args:
        method: What makes a policy for each task.
        configs: What it is judged on, one evaluation each.
        image_size: Height and width of the policy's images, in pixels.
        provenance: What the method is, for the settings in the results.
        tensors: Weights of the prior or policy: episodes of others are refused.
        output: Where the results will be written: the episodes are kept beside it.
        workers: Who runs the episodes.
    """
    settings = digest(provenance, list(configs), versions(), tensors=tensors)
    with ProgressBars() as bars, KeptEpisodes(episodes_file(output), JudgedEpisode, settings=settings) as kept:
        return [
            evaluate(
                method,
                config,
                image_size=image_size,
                provenance=provenance,
                workers=workers,
                kept=kept,
                observers=[bars],
            )
            for config in configs
        ]


def write_results(evaluations: Sequence[Evaluation], output: Path) -> None:
    """Write one evaluation as it is, or several by their kinds, and show them: last, so that who finds it has all."""
    results = {evaluation.settings["kind"]: evaluation.to_json() for evaluation in evaluations}
    write_json(eval_info_file(output), eval_info(evaluations))
    write_json(output, results if len(results) > 1 else next(iter(results.values())))
    episodes_file(output).unlink(missing_ok=True)  # all are in the result
    show_evaluations(evaluations)
    say(f"written to {output}")


def judge_chains(config: EvaluationConfig, prior: str, *, n_steps: int, output: Path, workers: WorkerOptions) -> None:
    """Judge a prior on chains of steps under a progress bar, write the result and show it.

    Chains that ended before the command was stopped are not run again.

    Args:
        config: Tasks, seed and world.
        prior: Name of a shipped prior, or folder of one.
        n_steps: Steps of each chain, at least 2.
        output: JSON file for the result.
        workers: Who runs the chains.

    Raises:
        ValueError: There are fewer steps, or the tasks' scenes have no room for so many.
    """
    if n_steps < 1:
        raise ValueError(f"steps: expected at least 1, got {n_steps}")
    loaded = read_learner(prior)
    settings = digest(prior, config, n_steps, versions(), tensors=list(loaded.state_dict().values()))
    with ProgressBars() as bars, kept_chains(output, settings) as kept:
        result = evaluate_chains(loaded, config, n_steps=n_steps, workers=workers.open(), kept=kept, observers=[bars])
    write_chains(result, output)


def kept_chains(output: Path, settings: str) -> KeptEpisodes[ChainRun]:
    """Return the chains that ended before a command was stopped; see `KeptEpisodes`."""
    return KeptEpisodes(episodes_file(output), ChainRun, settings=settings)


def write_chains(result: ChainEvaluation, output: Path) -> None:
    """Write what came of chains, and show it: how often all steps were done, and how each ended."""
    write_json(output, result.to_json())
    episodes_file(output).unlink(missing_ok=True)  # all are in the result
    low, high = result.interval
    kind, n_steps = result.settings["kind"], len(result.step_verdicts)
    say(
        f"{kind}: all {n_steps} steps done in {result.success_rate:.0%} of {result.n_chains} chains "
        f"(95 % interval {low:.0%} to {high:.0%})"
    )
    for number, verdicts in enumerate(result.step_verdicts, start=1):
        told = ", ".join(f"{verdict} {count}" for verdict, count in sorted(verdicts.items()))
        say(f"step {number}: {told}")
    say(f"written to {output}")


def clip_path(output: Path, task: envs.Assignment) -> Path:
    """Name the clip of a task, in a folder beside the result."""
    name = f"{task.index:04d}" if isinstance(task, envs.Task) else "scene"
    return output.with_suffix(".videos") / f"{task.kind}-{name}.mp4"
