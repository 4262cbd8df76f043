"""Meta-training: the outer loop that turns demonstrations of many tasks into a prior."""

import copy
import dataclasses
import json
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from daml.augmentation import AugmentationConfig, augment, float_images, stack_images
from daml.batch import BatchConfig, MetaBatch, iterate_batches
from daml.behavior_cloning import BehaviorCloningConfig
from daml.checkpoint import TrainingState
from daml.distributed import ALONE, Team
from daml.folder_lock import only_writer
from daml.learner import Learner, PriorConfig
from daml.learners import create_learner
from daml.meta_gradient import add_meta_gradient
from daml.metrics_log import MetricsLog, Observer
from daml.precision import autocast
from daml.proprioception import extend_clip
from daml.saved_folder import recover
from daml.schedule import is_due, one_cycle
from demos import StoredTask
from policies.feature_map import split_feature_map
from policies.robot_state import POSITION_SIZE

Validate = Callable[[Learner], Mapping[str, float]]
"""Judges a prior; the figure named "score" decides which prior is the best (higher is better)."""


@dataclass(frozen=True)
class MetaTrainingConfig:
    """Settings of a meta-training run."""

    steps: int = 5000
    """Meta-steps."""
    seed: int = 0
    """Seed of initial weights, batches and augmentation."""
    meta_learning_rate: float = 3e-3
    """Peak of the one-cycle schedule."""
    trunk_rate_share: float = 0.0
    """Learning rate of the pretrained trunk as a share of the others'; 0 keeps it as it is, at a third of the time."""
    warmup_share: float = 0.03
    """Share of the steps in which the learning rate rises to its peak."""
    max_gradient_norm: float = 10.0
    """Largest norm of the meta-gradient of all parameters together."""
    average_decay: float = 0.999
    """Decay of the moving average of the weights, which is the prior that is kept."""
    log_every: int = 20
    """Steps between two lines of metrics.jsonl; figures are means over them."""
    validate_every: int = 2500
    """Steps between two validations."""
    save_every: int = 200
    """Steps between two saves of the state that a stopped run resumes from."""
    prior: PriorConfig = field(default_factory=PriorConfig)
    """Settings of the prior."""
    batch: BatchConfig = field(default_factory=BatchConfig)
    """What a meta-batch holds."""
    tasks_at_once: int = 4
    """Tasks of a meta-batch in memory at a time; changes speed and memory, not the gradient."""
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    """Random changes of the images."""
    behavior_cloning: BehaviorCloningConfig = field(default_factory=BehaviorCloningConfig)
    """Weights of the outer loss."""

    def __post_init__(self) -> None:
        """Check the numbers that must fit together.

        Raises:
            ValueError: States would be saved between two lines of metrics, or the frames per clip disagree.
        """
        if self.save_every % self.log_every:
            raise ValueError(
                f"save_every: expected a multiple of log_every ({self.log_every}), so that a resumed run writes the "
                f"same metrics, got {self.save_every}"
            )
        if self.batch.human_frames != self.prior.human_frames:
            raise ValueError(
                f"batch.human_frames is {self.batch.human_frames}, but prior.human_frames is {self.prior.human_frames};"
                " a prior must be trained on as many frames as it will adapt to"
            )


CPU = torch.device("cpu")
"""Where meta-training runs unless told otherwise."""

_SEED_STRIDE = 1_000_003
"""Keeps the random numbers of runs with neighbouring seeds apart; larger than any number of steps."""


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
        observers: Called with the step number and figures, each time a line of metrics is written.
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
    settings: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    del settings["prior"]["provenance"]  # a run goes on under a later commit, too
    if resumes:
        state.load(output / "state", settings=settings)
    log = MetricsLog(output / "metrics.jsonl", observers, last_step=state.step) if team.is_first else None

    steps = range(state.step, config.steps)
    for batch in iterate_batches(tasks, share, seed=team.seed(config.seed), steps=steps):
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
    return state.averaged


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
        prior.policy.normalizer.fit(_sample_states(tasks, seed=config.seed))
        if prepare is not None and team.is_first:
            prepare(prior)
        team.copy_first(prior.state_dict().values())
        _fit_hand_eye(prior, tasks, seed=config.seed)
    averaged = copy.deepcopy(prior)
    for parameter in averaged.parameters():
        parameter.requires_grad = False
    prior.policy.trunk.requires_grad_(config.trunk_rate_share > 0)
    prior.policy.motor.requires_grad_(requires_grad=False)  # whose errors are of aims, not of moves
    learning = [(name, value) for name, value in prior.named_parameters() if value.requires_grad]
    others = [value for name, value in learning if not name.startswith("policy.trunk.")]
    groups: list[dict[str, Any]] = [{"params": others, "share": 1.0}]
    if config.trunk_rate_share:
        groups.append({"params": list(prior.policy.trunk.parameters()), "share": config.trunk_rate_share})
    optimizer = torch.optim.Adam(groups, lr=config.meta_learning_rate)
    return TrainingState(prior=prior, averaged=averaged, optimizer=optimizer)


def _sample_states(tasks: Sequence[StoredTask], *, seed: int, n_clips: int = 500) -> Tensor:
    """Gather robot states of some clips, for the statistics."""
    chosen = np.random.default_rng(seed).permutation(len(tasks))[:n_clips]
    clips = [extend_clip(tasks[int(i)].robot_states(0), tasks[int(i)].robot_executed(0)) for i in chosen]
    return torch.as_tensor(np.concatenate(clips))


@torch.no_grad()
def _fit_hand_eye(
    prior: Learner, tasks: Sequence[StoredTask], *, seed: int, n_clips: int = 400, n_frames: int = 8
) -> None:
    """Find out how positions of the gripper map to the image, from frames of some clips."""
    rng = np.random.default_rng(seed)
    positions: list[Tensor] = []
    places: list[Tensor] = []
    for i in rng.permutation(len(tasks))[:n_clips]:
        task = tasks[int(i)]
        times = rng.integers(task.robot_length(0), size=n_frames)
        images = float_images(torch.as_tensor(task.robot_frames(0, times)))
        maps = prior.policy.trunk(images.to(prior.policy.hand_eye.matrix.device))
        positions.append(torch.as_tensor(task.robot_states(0)[times, :POSITION_SIZE], device=maps.device))
        places.append(split_feature_map(maps).landmarks().effector)
    prior.policy.hand_eye.fit(torch.cat(positions), torch.cat(places))


def _take_meta_step(
    state: TrainingState, batch: MetaBatch, config: MetaTrainingConfig, *, device: torch.device, team: Team
) -> dict[str, Tensor]:
    """Take one step of the outer loop and update the moving average."""
    generator = torch.Generator().manual_seed(team.seed(config.seed) * _SEED_STRIDE + state.step)
    images = augment(float_images(stack_images(batch)), batch, config=config.augmentation, generator=generator)
    rate = one_cycle(state.step, steps=config.steps, peak=config.meta_learning_rate, warmup_share=config.warmup_share)
    for group in state.optimizer.param_groups:
        group["lr"] = rate * group["share"]
    state.optimizer.zero_grad()
    figures = add_meta_gradient(
        state.prior,
        batch.to(device),
        images=images.to(device),
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


def _check_finite(figures: Mapping[str, float]) -> None:
    """Stop a run whose loss is lost."""
    if not math.isfinite(figures["loss"]):
        raise FloatingPointError(f"the meta-training loss became {figures['loss']}; train with a lower learning rate")


def _keep_best(state: TrainingState, score: float | None, path: Path) -> None:
    """Save the averaged prior if no earlier one scored higher."""
    if score is not None and (state.best_score is None or score >= state.best_score):
        state.best_score = score
        state.averaged.save_pretrained(path)
