"""Time a whole meta-step against the libraries people would pick, and measure its memory: same network, batch and loss.

Four ways do the same step (adapt to each task's human clip, imitate its robot clips, step along the clipped
meta-gradient):

- daml: some tasks at a time, the trunk once over all their images in `channels_last` layout, in bfloat16 where the CPU
  multiplies in it, the inner loops under `torch.func.vmap`; where the trunk adapts too, one task after another.
- daml kept: as in all steps of meta-training but the first thousand of each round, where a trunk that does not
  learn has seen the clips before (`daml.batches.cached_clips`): what it saw is read from disk, in half precision.
  Where it learns, as daml.
- higher, as in its MAML example: `innerloop_ctx` per task, each task's outer loss differentiated at once.
- torchopt, as in its MAML example: functional updates per task, the mean of all outer losses differentiated at the end.

The libraries get float32 tensors in the usual layout and a Python loop over tasks, as in their documentation; no way
keeps a graph of a trunk that does not learn, and all of them profit from kept memory (`daml.optimization.hardware`).
Times are of alternating steps in one process: processor time where there is one thread, in which waiting for a busy
machine does not count. Memory is how far the resident set of a fresh process per way rises in two steps over what it
holds when network and batch are there. Each row changes a setting of the shipped prior's; where the trunk adapts, four
tasks are a batch.

    python scripts/benchmark_meta_step.py --rounds 5 --output runs/meta_step.json
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import contextlib
import ctypes
import dataclasses
import functools
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load, save
from torch import Tensor, nn

from daml import maml
from daml.batches.augmentation import stack_images
from daml.batches.batch import BatchConfig, MetaBatch, SeenBatch
from daml.learners.prior import Prior, PriorConfig
from daml.optimization.hardware import autocast, keep_freed_memory
from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.head import HeadOutput
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import from_named, index_tensors, map_tensors, named_tensors
from daml.policies.vision.images import float_images
from daml.policies.vision.seen_image import SeenImage
from daml.storage.result_files import write_json
from daml.storage.versions import versions
from daml.training.behavior_cloning import BehaviorCloningConfig, behavior_cloning_losses
from daml.training.meta_objective import add_meta_gradient

TRUNK_STEP_SIZE = 0.01
"""Initial step size of the trunk's tensors in the rows where they adapt."""

MAX_NORM = 10.0
"""Norm that the meta-gradient is clipped to."""


@dataclass(frozen=True)
class Setting:
    """What a row of the table measures; the shipped prior's settings unless changed, but fewer tasks at a time."""

    name: str = "16 tasks, 4 at a time"
    n_tasks: int = BatchConfig.n_tasks
    human_frames: int = BatchConfig.human_frames
    robot_frames: int = BatchConfig.robot_frames
    inner_steps: int = PriorConfig.inner_steps
    tasks_at_once: int = 4
    learns_trunk: bool = False
    adapts_trunk: bool = False

    def prior(self) -> Prior:
        """Create the prior, the same every time."""
        torch.manual_seed(0)
        step_size = PriorConfig.initial_step_size / self.inner_steps  # several full ones diverge before meta-training
        prior = Prior(
            PriorConfig(human_frames=self.human_frames, inner_steps=self.inner_steps, initial_step_size=step_size)
        )
        prior.policy.trunk.requires_grad_(self.learns_trunk or self.adapts_trunk)
        return prior

    def batch(self, prior: Prior) -> MetaBatch:
        """Draw a meta-batch of noise, the same every time: time and memory do not depend on what is in the pictures."""
        generator = torch.Generator().manual_seed(0)
        clips = BatchConfig.robot_clips
        height, width = prior.config.image_size
        policy, n_robot = prior.config.policy, clips * self.robot_frames

        def images(n: int) -> Tensor:
            shape = (self.n_tasks, n, height, width, 3)
            return torch.randint(256, shape, generator=generator, dtype=torch.uint8)

        return MetaBatch(
            human=images(self.human_frames),
            hand=torch.full((self.n_tasks, self.human_frames, 2), torch.nan),
            robot_first=images(clips),
            robot=images(n_robot),
            states=torch.randn(self.n_tasks, n_robot, policy.state_size, generator=generator),
            actions=torch.rand(self.n_tasks, n_robot, policy.action_size, generator=generator) * 2 - 1,
            goals=Goal.unpack(torch.randn(self.n_tasks, n_robot, GOAL_SIZE, generator=generator)),
        )


SETTINGS = (
    Setting(),
    Setting("1 task at a time", tasks_at_once=1),
    Setting("16 tasks at a time", tasks_at_once=16),
    Setting("4 tasks", n_tasks=4),
    Setting("32 tasks", n_tasks=32),
    Setting("24 human frames", human_frames=24),
    Setting("12 robot frames per clip", robot_frames=12),
    Setting("3 inner steps", inner_steps=3),
    Setting("5 inner steps", inner_steps=5),
    Setting("trunk learns", learns_trunk=True),
    Setting("trunk adapts", adapts_trunk=True, n_tasks=4),
    Setting("trunk adapts, 3 inner steps", adapts_trunk=True, n_tasks=4, inner_steps=3),
)
"""Rows of the table."""


class Adaptable(nn.Module):
    """The part of a policy that adapts, as one module: the head on feature maps, or trunk and head on images."""

    def __init__(self, prior: Prior, *, adapts_trunk: bool) -> None:
        super().__init__()
        self.trunk = prior.policy.trunk if adapts_trunk else nn.Identity()
        self.head = prior.policy.head
        self._sense = prior.policy.sense
        self._sense_nobody = prior.policy.sense_nobody

    def forward(self, now: Tensor, first: Tensor, state: Tensor | None, *, autocasts: bool = False) -> HeadOutput:
        """Act on the frames of one task, or, where the robot has no state, watch them."""
        with autocast(now.device) if autocasts else contextlib.nullcontext():
            features = self.trunk(torch.cat([now, first]))
        seen, seen_first = (SeenImage.of_maps(maps) for maps in torch.split(features, [len(now), len(first)]))
        if state is None:
            return self.head(seen, seen_first, self._sense_nobody(len(now)), acts=False, responds=False)
        with torch.no_grad():
            sensed = self._sense(state, seen, seen_first)
        return self.head(seen, seen_first, sensed)


class Way:
    """One way to take meta-steps.

    Args:
        setting: Row of the table.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.prior = setting.prior()
        self.model = Adaptable(self.prior, adapts_trunk=setting.adapts_trunk)
        head_sizes = {f"head.{name}": size for name, size in self.prior.step_sizes().items()}
        trunk_sizes = {
            name: torch.tensor(TRUNK_STEP_SIZE / setting.inner_steps, requires_grad=True)
            for name, _ in self.model.named_parameters()
            if name.startswith("trunk.")
        }
        self.step_sizes: dict[str, Tensor] = {**trunk_sizes, **head_sizes}
        self.learned = [*(value for value in self.prior.parameters() if value.requires_grad), *trunk_sizes.values()]
        self.optimizer = torch.optim.Adam(self.learned, lr=1e-3)
        self.config = BehaviorCloningConfig()

    def differentiate(self, batch: MetaBatch) -> None:
        """Compute the meta-gradient into `grad` of what is learned."""
        raise NotImplementedError

    def prepare(self, batch: MetaBatch) -> None:
        """Do what is done once, before the steps that are measured."""

    def step(self, batch: MetaBatch) -> None:
        """Take one meta-step."""
        self.optimizer.zero_grad()
        self.differentiate(batch)
        torch.nn.utils.clip_grad_norm_(self.learned, MAX_NORM)
        self.optimizer.step()

    def gradient(self, batch: MetaBatch) -> Tensor:
        """Compute the meta-gradient as one vector, for a comparison."""
        self.optimizer.zero_grad()
        self.differentiate(batch)
        grads = [torch.zeros_like(value) if value.grad is None else value.grad for value in self.learned]
        return torch.cat([grad.flatten() for grad in grads])

    def clip(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Clip the inner gradient as the project does."""
        limit = self.prior.config.gradient_clip
        return [gradient.clamp(-limit, limit) for gradient in gradients]

    def inner_loss(self, run: Callable[..., HeadOutput], human: Tensor) -> Tensor:
        """Compute the temporal loss of one task's human clip."""
        return self.prior.temporal_loss(run(human, human[:1], None))

    def outer_loss(self, output: HeadOutput, batch: MetaBatch, task: int) -> Tensor:
        """Compute the imitation loss of one task."""
        policy = self.prior.policy
        return behavior_cloning_losses(
            policy.act(output, batch.states[task]),
            batch.actions[task],
            goal=output.goal,
            true_goal=policy.normalize_goal(index_tensors(batch.goals, task)),
            is_held=RobotState.unpack(batch.states[task]).holds_item(),
            config=self.config,
        ).total

    def tasks(self, batch: MetaBatch, *, contiguous: bool) -> Iterator[tuple[int, Tensor, Tensor, Tensor, Tensor]]:
        """Yield for each task its number, what it adapts to, the robot's frames, first frames and states."""
        for task in range(len(batch.human)):
            clips = (batch.human[task], batch.robot[task], batch.robot_first[task])
            images = [float_images(clip) for clip in clips]
            if contiguous:
                images = [each.contiguous() for each in images]
            if not self.setting.adapts_trunk:
                with torch.set_grad_enabled(self.setting.learns_trunk):
                    features = self.prior.policy.trunk(torch.cat(images))
                images = list(torch.split(features, [len(each) for each in images]))
            yield task, *images, batch.states[task]


class Daml(Way):
    """The project's own way."""

    def differentiate(self, batch: MetaBatch) -> None:
        """Compute the meta-gradient."""
        if self.setting.adapts_trunk:
            self._adapt_all(batch)
            return

        @contextlib.contextmanager
        def trunk_context() -> Iterator[None]:
            with torch.set_grad_enabled(self.setting.learns_trunk), autocast(torch.device("cpu")):
                yield

        add_meta_gradient(
            self.prior,
            batch,
            config=self.config,
            tasks_at_once=self.setting.tasks_at_once,
            compares=False,  # as in all but one of twenty steps of meta-training
            trunk_context=trunk_context,
        )

    def _adapt_all(self, batch: MetaBatch) -> None:
        """Adapt trunk and head, task by task: under vmap each convolution would have weights of its own per task."""
        parameters = dict(self.model.named_parameters())

        def run(values: maml.Parameters, now: Tensor, first: Tensor, state: Tensor | None) -> HeadOutput:
            options = {"autocasts": True}
            return torch.func.functional_call(self.model, dict(values), (now, first, state), options)

        for task, human, now, first, state in self.tasks(batch, contiguous=False):

            def loss(values: maml.Parameters, human: Tensor = human) -> Tensor:
                return self.inner_loss(functools.partial(run, values), human)

            adapted = maml.take_inner_steps(
                parameters,
                loss,
                step_sizes=self.step_sizes,
                n_steps=self.setting.inner_steps,
                clip=self.prior.config.gradient_clip,
            )
            (self.outer_loss(run(adapted, now, first, state), batch, task) / self.setting.n_tasks).backward()


class DamlKept(Daml):
    """The project's own way, once every clip is cached."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "seen.safetensors"

    @torch.no_grad()
    def prepare(self, batch: MetaBatch) -> None:
        """See the batch, and keep what was seen."""
        context = functools.partial(autocast, torch.device("cpu"))
        features = self.prior.policy.see(
            float_images(stack_images(batch)), effector=batch.stacked_hands(), trunk_context=context
        )
        seen = batch.as_seen(map_tensors(Tensor.half, features))
        self._file.write_bytes(save({name: value.contiguous() for name, value in named_tensors(seen).items()}))

    def differentiate(self, batch: MetaBatch) -> None:
        """Compute the meta-gradient."""
        if self.setting.adapts_trunk or self.setting.learns_trunk:
            super().differentiate(batch)
            return
        seen = map_tensors(Tensor.float, from_named(SeenBatch, load(self._file.read_bytes())))
        add_meta_gradient(
            self.prior, seen, config=self.config, tasks_at_once=self.setting.tasks_at_once, compares=False
        )


class Higher(Way):
    """The way of higher's MAML example."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.prior.to(memory_format=torch.contiguous_format)
        groups = [{"params": [value]} for value in self.model.parameters()]
        self.inner_optimizer = torch.optim.SGD(groups, lr=1.0)

    def differentiate(self, batch: MetaBatch) -> None:
        """Compute the meta-gradient."""
        import higher  # noqa: PLC0415 - a process measures one way's memory

        sizes = {"lr": [self.step_sizes[name] for name, _ in self.model.named_parameters()]}
        for task, human, now, first, state in self.tasks(batch, contiguous=True):
            with higher.innerloop_ctx(self.model, self.inner_optimizer, copy_initial_weights=False, override=sizes) as (
                model,
                steps,
            ):
                for _ in range(self.setting.inner_steps):
                    steps.step(self.inner_loss(model, human), grad_callback=self.clip)
                (self.outer_loss(model(now, first, state), batch, task) / self.setting.n_tasks).backward()


class Torchopt(Way):
    """The way of TorchOpt's functional MAML example."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.prior.to(memory_format=torch.contiguous_format)

    def differentiate(self, batch: MetaBatch) -> None:
        """Compute the meta-gradient."""
        import torchopt  # noqa: PLC0415 - a process measures one way's memory
        from torchopt.base import GradientTransformation  # noqa: PLC0415

        names, initial = zip(*self.model.named_parameters(), strict=True)
        sizes = [self.step_sizes[name] for name in names]

        def run(values: Sequence[Tensor], now: Tensor, first: Tensor, state: Tensor | None) -> HeadOutput:
            named = dict(zip(names, values, strict=True))
            return torch.func.functional_call(self.model, named, (now, first, state))

        def scale(gradients: Sequence[Tensor], state: Any, **_: Any) -> tuple[tuple[Tensor, ...], Any]:  # noqa: ANN401
            return tuple(-size * each for size, each in zip(sizes, self.clip(gradients), strict=True)), state

        descent = GradientTransformation(lambda _: (), scale)
        losses: list[Tensor] = []
        for task, human, now, first, state in self.tasks(batch, contiguous=True):
            values, inner_state = initial, descent.init(initial)
            for _ in range(self.setting.inner_steps):
                loss = self.inner_loss(functools.partial(run, values), human)
                gradients = torch.autograd.grad(loss, values, create_graph=True)
                updates, inner_state = descent.update(gradients, inner_state, inplace=False)
                values = torchopt.apply_updates(values, updates, inplace=False)
            losses.append(self.outer_loss(run(values, now, first, state), batch, task))
        torch.stack(losses).mean().backward()


WAYS: Mapping[str, type[Way]] = {"daml": Daml, "daml kept": DamlKept, "higher": Higher, "torchopt": Torchopt}
"""What is compared."""

LIBRARIES = ("higher", "torchopt")
"""What the project is compared with."""


def time_steps(setting: Setting, *, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Time alternating steps; return medians in seconds, and how far the first meta-gradients are from higher's."""
    ways = {name: way(setting) for name, way in WAYS.items()}
    batch = setting.batch(ways["daml"].prior)
    for way in ways.values():
        way.prepare(batch)
    gradients = {name: way.gradient(batch) for name, way in ways.items()}
    reference = gradients["higher"]
    distances = {name: ((value - reference).norm() / reference.norm()).item() for name, value in gradients.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    for index in range(rounds + 1):
        for name, way in ways.items():
            began = clock()
            way.step(batch)
            if index:  # the first round warms up
                times[name].append(clock() - began)
    return {name: statistics.median(values) for name, values in times.items()}, distances


def measure_memory(setting: Setting, name: str) -> float:
    """Return by how many MB two steps raise the peak of this process's resident set."""
    way = WAYS[name](setting)
    batch = setting.batch(way.prior)
    if name in LIBRARIES:
        __import__(name)
    way.prepare(batch)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed would be taken again unseen
    # 5 resets the peak, which importing the libraries has already driven up.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = peak_memory()
    for _ in range(2):
        way.step(batch)
    return peak_memory() - before


def peak_memory() -> float:
    """Return the peak of this process's resident set since it was last reset, in MB; Linux alone tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def memory_in_fresh_process(setting: Setting, name: str) -> float:
    """Measure the memory of one way in a process of its own."""
    words = ["--memory-of", name, "--setting", json.dumps(dataclasses.asdict(setting))]
    command = [sys.executable, __file__, *words, "--threads", str(torch.get_num_threads())]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - this script


def main(words: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print a table, write JSON; return the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="timed steps of each way")
    parser.add_argument("--rows", nargs="+", choices=[setting.name for setting in SETTINGS], help="rows; all if none")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--output", type=Path, help="JSON file to write")
    parser.add_argument("--memory-of", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--setting", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    if options.memory_of:
        sys.stdout.write(str(measure_memory(Setting(**options.setting), options.memory_of)))
        return []
    rows: list[dict[str, Any]] = []
    table = Table(
        "setting",
        "ms per step: " + ", ".join(WAYS),
        "steps per s / best library: daml, kept",
        "MB: " + ", ".join(WAYS),
        "MB / least library: daml, kept",
    )
    console = Console()
    for setting in SETTINGS:
        if options.rows and setting.name not in options.rows:
            continue
        seconds, distances = time_steps(setting, rounds=options.rounds)
        memory = {name: memory_in_fresh_process(setting, name) for name in WAYS}
        ours = [name for name in WAYS if name not in LIBRARIES]
        speedup = {name: min(seconds[other] for other in LIBRARIES) / seconds[name] for name in ours}
        memory_ratio = {name: memory[name] / min(memory[other] for other in LIBRARIES) for name in ours}
        rows.append(
            {
                **dataclasses.asdict(setting),
                "seconds": seconds,
                "memory_mb": memory,
                "gradient_distance": distances,
                "speedup": speedup,
                "memory_ratio": memory_ratio,
            }
        )
        console.print(rows[-1])
        table.add_row(
            setting.name,
            ", ".join(f"{1000 * value:.0f}" for value in seconds.values()),
            ", ".join(f"{value:.2f} x" for value in speedup.values()),
            ", ".join(f"{value:.0f}" for value in memory.values()),
            ", ".join(f"{value:.2f} x" for value in memory_ratio.values()),
        )
    console.print(table)
    if options.output:
        write_json(options.output, {"threads": options.threads, "rows": rows, "versions": versions()})
    return rows


if __name__ == "__main__":
    main()
