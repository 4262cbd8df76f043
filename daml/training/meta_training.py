"""Meta-training: the outer loop that turns demonstrations of many tasks into a prior."""

import copy
import dataclasses
import json
import math
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from daml.batches.augmentation import draw_augmented
from daml.batches.batch import BatchConfig, MetaBatch, SeenBatch, iterate_batches
from daml.batches.cached_clips import CachedClips
from daml.demos import StoredTask
from daml.learners.learner import Learner
from daml.learners.methods import create_learner
from daml.optimization.distributed import ALONE, Team
from daml.optimization.fitting import is_due, one_cycle
from daml.optimization.hardware import autocast
from daml.optimization.metrics_log import METRICS_FILE, MetricsLog
from daml.policies.tensor_trees import map_tensors
from daml.policies.vision.seen_image import SeenImage
from daml.progress import Observer
from daml.storage.digest import digest
from daml.storage.folder_lock import only_writer
from daml.storage.saved_folder import recover
from daml.training.calibration import fit_hand_eye, fit_normalizer
from daml.training.checkpoint import TrainingState
from daml.training.meta_objective import add_meta_gradient
from daml.training.meta_training_config import MetaTrainingConfig

Validate = Callable[[Learner], Mapping[str, float]]
"""Judges a prior; the figure named "score" decides which prior is the best (higher is better)."""


CPU = torch.device("cpu")
"""Where meta-training runs unless told otherwise."""


def meta_train(
    config: MetaTrainingConfig,
    tasks: Sequence[StoredTask],
    *,
    output: str | Path,
    observers: Sequence[Observer] = (),
    validate: Validate | None = None,
    prepare: Callable[[Learner], None] | None = None,
    device: torch.device = CPU,
    team: Team = ALONE,
) -> Learner:
    """Learn a prior from the training tasks of a dataset, or go on with a run that was stopped.

    Writes to the output folder: `metrics.jsonl`, `state/` (to resume from), `last/` and `best/` (priors; the best by
    the validation figure "score"). In a team each process draws its share of every meta-batch, and the first alone
    prepares, writes, validates and tells observers; all must see the output folder. A run may be resumed by a team of
    another size.

    Args:
        config: Settings; those of a run that is resumed must be the same.
        tasks: Demonstrations; a task that is given twice is drawn twice as often.
        output: Folder of the run.
        observers: Told of each line of metrics.
        validate: Judges the averaged prior every `config.validate_every` steps.
        prepare: Changes the initial prior before the first step, for instance by pretraining; not called on resuming.
        device: Where to compute.
        team: The processes that learn together.

    Returns:
        The averaged prior of the last step.

    Raises:
        ValueError: There are no training tasks, or the output folder belongs to a run with other settings, or the tasks
            of a meta-batch cannot be shared equally.
        FloatingPointError: The loss is no longer a finite number.
        OSError: The folder cannot be written, or another process writes to it.
    """
    with only_writer(output) if team.is_first else nullcontext():
        return _meta_train(
            config,
            tasks,
            output=Path(output),
            observers=observers,
            validate=validate,
            prepare=prepare,
            device=device,
            team=team,
        )


def _meta_train(
    config: MetaTrainingConfig,
    tasks: Sequence[StoredTask],
    *,
    output: Path,
    observers: Sequence[Observer],
    validate: Validate | None,
    prepare: Callable[[Learner], None] | None,
    device: torch.device,
    team: Team,
) -> Learner:
    """Meta-train in a folder that no other team writes to."""
    share = dataclasses.replace(config.batch, n_tasks=team.share(config.batch.n_tasks, what="batch.n_tasks"))
    if team.is_first:
        for name in ("state", "last", "best"):
            recover(output / name)
    team.wait()
    resumes = (output / "state").exists()
    state = _start(config, tasks, device=device, prepare=prepare, resumes=resumes, team=team)
    settings = _settings(config, tasks)
    if resumes:
        state.load(output / "state", settings=settings)
    log = _open_log(output, observers, state, config) if team.is_first else None

    steps = range(state.step, config.steps)
    own_clips = output / "cached-clips"
    cached_clips = own_clips if config.cached_clips_folder is None else Path(config.cached_clips_folder)
    for batch in _iterate_batches(
        cached_clips, tasks, config, share, steps=steps, state=state, device=device, team=team
    ):
        figures = _take_meta_step(state, batch, config, device=device, team=team)
        if log is None:
            continue
        log.collect(figures)
        if is_due(config.log_every, state.step, steps=config.steps):
            _check_finite(log.write_means(state.step))
        if validate is not None and is_due(config.validate_every, state.step, steps=config.steps):
            judged = validate(state.averaged)
            log.write(state.step, {f"validation_{name}": value for name, value in judged.items()})
            _keep_best(state, judged.get("score"), output / "best")
        if is_due(config.save_every, state.step, steps=config.steps):
            state.averaged.save_pretrained(output / "last")
            state.save(output / "state", settings=settings)
    team.wait()
    if team.is_first:
        shutil.rmtree(own_clips, ignore_errors=True)
    return state.averaged


def _open_log(
    output: Path, observers: Sequence[Observer], state: TrainingState, config: MetaTrainingConfig
) -> MetricsLog:
    return MetricsLog(output / METRICS_FILE, observers, stage="meta-training", last_step=state.step, total=config.steps)


def _settings(config: MetaTrainingConfig, tasks: Sequence[StoredTask]) -> dict[str, Any]:
    """Return what must be the same when a run is resumed."""
    settings: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    del settings["prior"]["provenance"]  # a later commit may go on
    del settings["tasks_at_once"], settings["cached_clips_folder"]  # which change nothing that is learned
    return settings | {"tasks": digest([task.content_digest for task in tasks])}


def _iterate_batches(
    cached_clips: Path,
    tasks: Sequence[StoredTask],
    config: MetaTrainingConfig,
    share: BatchConfig,
    *,
    steps: range,
    state: TrainingState,
    device: torch.device,
    team: Team,
) -> Iterator[MetaBatch | SeenBatch]:
    """Draw a process's share of the meta-batch of every step: new each time, or of cached clips.

    Cached clips have a folder of their own for each trunk, settings and tasks.
    """
    seed = team.seed(config.seed)
    if config.trunk_rate_share or not config.cached_clips:
        return iterate_batches(tasks, share, seed=seed, steps=steps)
    policy = state.prior.policy

    def see(images: Tensor, hands: Tensor) -> SeenImage:
        context = partial(_trunk_context, learns=False, device=device)
        return policy.see(images.to(device), effector=hands.to(device), trunk_context=context)

    contents = [task.content_digest for task in tasks]
    name = digest(config.augmentation, share, seed, contents, tensors=list(policy.trunk.state_dict().values()))
    store = CachedClips(
        cached_clips / name,
        tasks,
        count=config.cached_clips,
        batch=share,
        augmentation=config.augmentation,
        seed=seed,
        see=see,
    )
    return store.batches(steps)


def _start(
    config: MetaTrainingConfig,
    tasks: Sequence[StoredTask],
    *,
    device: torch.device,
    prepare: Callable[[Learner], None] | None,
    resumes: bool,
    team: Team,
) -> TrainingState:
    """Create the state of step 0, or, where one is read into it, of any."""
    if not tasks:
        raise ValueError("tasks: expected at least one to learn from, got none; collect some first (daml collect)")
    prior = create_learner(config.prior, seed=config.seed).to(device)
    if not resumes:
        fit_normalizer(prior, tasks, seed=config.seed)
        if prepare is not None and team.is_first:
            prepare(prior)
        team.copy_first(prior.state_dict().values())
        fit_hand_eye(prior, tasks, seed=config.seed)
    averaged = copy.deepcopy(prior)
    for parameter in averaged.parameters():
        parameter.requires_grad = False
    prior.policy.trunk.requires_grad_(config.trunk_rate_share > 0)
    prior.policy.motor.requires_grad_(requires_grad=False)  # whose errors are of goals, not of moves
    prior.policy.tracker.requires_grad_(requires_grad=False)  # which learns when all else has
    learning = [(name, value) for name, value in prior.named_parameters() if value.requires_grad]
    others = [value for name, value in learning if not name.startswith("policy.trunk.")]
    groups: list[dict[str, Any]] = [{"params": others, "share": 1.0}]
    if config.trunk_rate_share:
        groups.append({"params": list(prior.policy.trunk.parameters()), "share": config.trunk_rate_share})
    optimizer = torch.optim.Adam(groups, lr=config.meta_learning_rate)
    return TrainingState(prior=prior, averaged=averaged, optimizer=optimizer)


def _take_meta_step(
    state: TrainingState, batch: MetaBatch | SeenBatch, config: MetaTrainingConfig, *, device: torch.device, team: Team
) -> dict[str, Tensor]:
    """Take one step of the outer loop and update the moving average."""
    images: Tensor | None = None
    if isinstance(batch, MetaBatch):
        seed = team.seed(config.seed)
        images = draw_augmented(batch, config=config.augmentation, seed=seed, number=state.step).to(device)
    rate = one_cycle(state.step, steps=config.steps, peak=config.meta_learning_rate, warmup_share=config.warmup_share)
    for group in state.optimizer.param_groups:
        group["lr"] = rate * group["share"]
    state.optimizer.zero_grad()
    figures = add_meta_gradient(
        state.prior,
        map_tensors(partial(_move, device=device), batch),
        images=images,
        config=config.behavior_cloning,
        tasks_at_once=config.tasks_at_once,
        compares=is_due(config.log_every, state.step + 1, steps=config.steps),
        trunk_context=partial(_trunk_context, learns=config.trunk_rate_share > 0, device=device),
    )
    gradients = [value.grad for value in state.prior.parameters() if value.grad is not None]
    team.average([*gradients, *figures.values()])
    norm = torch.nn.utils.clip_grad_norm_(state.prior.parameters(), config.max_gradient_norm)
    state.optimizer.step()
    state.step += 1
    decay = min(config.average_decay, (1 + state.step) / (10 + state.step))  # short memory while weights move fast
    with torch.no_grad():
        for average, value in zip(state.averaged.parameters(), state.prior.parameters(), strict=True):
            average.lerp_(value, 1 - decay)
    return {**figures, "gradient_norm": norm, "learning_rate": torch.tensor(rate)}


@contextmanager
def _trunk_context(*, learns: bool, device: torch.device) -> Generator[None]:
    """Run the trunk in half precision where that is faster, and without a graph where it does not learn."""
    with torch.set_grad_enabled(learns), autocast(device):
        yield


def _move(values: Tensor, *, device: torch.device) -> Tensor:
    """Copy values to a device."""
    return values.to(device)


def _check_finite(figures: Mapping[str, float]) -> None:
    """Stop a run whose loss is lost."""
    if not math.isfinite(figures["loss"]):
        raise FloatingPointError(f"the meta-training loss became {figures['loss']}; train with a lower learning rate")


def _keep_best(state: TrainingState, score: float | None, path: Path) -> None:
    """Save the averaged prior if no earlier one scored higher."""
    if score is not None and (state.best_score is None or score >= state.best_score):
        state.best_score = score
        state.averaged.save_pretrained(path)
