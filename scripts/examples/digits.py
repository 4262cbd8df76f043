"""Few-shot classification of handwritten digits, with nothing but `daml.maml`, torch and scikit-learn's data.

A task shows one picture of each of three digits under random labels and asks for others. Meta-training sees six digits
(each also turned by 90, 180 and 270 degrees, which makes others of them); judged is on the four that it never saw. The
digits are small and centred, so that the nearest picture, pixel by pixel, is right in 83 % of the cases. The learner
starts from there: its features are the pixels and what a network adds to them, and its last layer compares with the
features of what is shown and of copies that are moved and bent a little (Proto-MAML). Then all of it adapts to other
such copies.

It shows three choices beside plain MAML: a step size per tensor and inner step, learned in log space; a loss after
every step (MAML++); a clip of the gradient's norm. A minute or two on two cores:

    python scripts/examples/digits.py --output runs/digits.png

References:
    Finn et al. (2017), arXiv 1703.03400, Sec. 5.2. Antoniou et al. (2019), arXiv 1810.09502. Triantafillou et al.
    (2020), arXiv 1903.03096 (Proto-MAML).
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

from daml import maml

TRAIN_DIGITS = (0, 1, 2, 3, 4, 5)
TEST_DIGITS = (6, 7, 8, 9)
WAYS = 3
SHOTS = 1
QUERIES = 10
INNER_STEPS = 3
TASKS_PER_STEP = 8

COMPARED = 9
"""Pictures of each one shown that others are compared with: itself and moved and bent copies."""

LEARNED_FROM = 4
"""Further copies of each picture shown, which the inner steps learn from."""

BEND = 0.1
"""Standard deviation of what is added to the six numbers of an affine map of coordinates in [-1, 1]."""


class Task(NamedTuple):
    """Tasks, B of them."""

    shown: Tensor
    """Pictures with known labels, class after class, `(B, WAYS * SHOTS, 1, 8, 8)`."""
    asked: Tensor
    """Pictures to classify, class after class, `(B, WAYS * QUERIES, 1, 8, 8)`."""


SHOWN_LABELS = torch.arange(WAYS).repeat_interleave(SHOTS * LEARNED_FROM)
ASKED_LABELS = torch.arange(WAYS).repeat_interleave(QUERIES)


def pictures_by_class(digits: Sequence[int], *, turned: bool) -> list[Tensor]:
    """Load the pictures of each class, `(n, 1, 8, 8)` in [0, 1]; a turned digit counts as another class."""
    images, targets = load_digits(return_X_y=True)
    pixels, labels = torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16, torch.as_tensor(targets)
    classes = [pixels[labels == digit] for digit in digits]
    return [torch.rot90(each, turn, (2, 3)) for each in classes for turn in range(4 if turned else 1)]


def draw_tasks(classes: Sequence[Tensor], n_tasks: int, generator: torch.Generator) -> Task:
    """Draw tasks: classes in random order, which makes the labels random, and pictures of each."""
    rows: list[Tensor] = []
    for _ in range(n_tasks):
        chosen = torch.randperm(len(classes), generator=generator)[:WAYS]
        drawn = [torch.randperm(len(classes[i]), generator=generator)[: SHOTS + QUERIES] for i in chosen]
        rows.append(torch.stack([classes[i][places] for i, places in zip(chosen, drawn, strict=True)]))
    pictures = torch.stack(rows)  # (B, WAYS, SHOTS + QUERIES, 1, 8, 8)
    return Task(pictures[:, :, :SHOTS].flatten(1, 2), pictures[:, :, SHOTS:].flatten(1, 2))


def bend(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Move, turn, scale and slant each of n pictures a little."""
    maps = torch.eye(2, 3) + BEND * torch.randn(len(pictures), 2, 3, generator=generator)
    grid = functional.affine_grid(maps, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)


def copies(shown: Tensor, generator: torch.Generator) -> Tensor:
    """Return each picture shown in B tasks and its copies, `(B, WAYS * SHOTS, COMPARED + LEARNED_FROM, 1, 8, 8)`."""
    flat = shown.flatten(0, 1)
    bent = [flat, *(bend(flat, generator) for _ in range(COMPARED - 1 + LEARNED_FROM))]
    return torch.stack(bent, 1).unflatten(0, shown.shape[:2])


class Learner(nn.Module):
    """A small convolutional network, and the step sizes with which it adapts."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
        )
        self.temperature = nn.Parameter(torch.tensor(1.0))
        sizes = maml.share_step_size(self.start_at(torch.zeros(WAYS * SHOTS, COMPARED, 1, 8, 8)), size=0.01)
        sizes = {name: size.clone() for name, size in sizes.items()}
        self.step_sizes = nn.ModuleList(
            maml.LogSpace(each) for each in maml.step_sizes_per_step(sizes, n_steps=INNER_STEPS)
        )

    def features(self, parameters: maml.Parameters, pictures: Tensor) -> Tensor:
        """Return the pixels and what the network adds, `(n, 128)`."""
        own = {name: parameters[name] for name, _ in self.network.named_parameters()}
        return torch.cat([pictures.flatten(1), torch.func.functional_call(self.network, own, (pictures,))], 1)

    def start_at(self, shown: Tensor) -> dict[str, Tensor]:
        """Return what adaptation starts from: the network, and a last layer of the features to compare with.

        A unit of it is minus the squared distance to a picture, but for what all units share.
        """
        initial = dict(self.network.named_parameters())
        compared = self.features(initial, shown[:, :COMPARED].flatten(0, 1))
        weight, bias = 2 * self.temperature * compared, -self.temperature * compared.square().sum(1)
        return {**initial, "head.weight": weight, "head.bias": bias}

    def loss(self, parameters: maml.Parameters, pictures: Tensor, labels: Tensor) -> Tensor:
        """Compute the cross-entropy with given parameters."""
        return functional.cross_entropy(self.classify(parameters, pictures), labels)

    def classify(self, parameters: maml.Parameters, pictures: Tensor) -> Tensor:
        """Return logits, `(n, WAYS)`."""
        features = self.features(parameters, pictures)
        nearness = functional.linear(features, parameters["head.weight"], parameters["head.bias"])
        return nearness.unflatten(1, (WAYS, -1)).logsumexp(2)

    def trace(self, shown: Tensor) -> tuple[dict[str, Tensor], ...]:
        """Adapt to the pictures of one task and their copies, and keep the way."""
        return maml.trace_inner_steps(
            self.start_at(shown),
            lambda parameters: self.loss(parameters, shown[:, COMPARED:].flatten(0, 1), SHOWN_LABELS),
            step_sizes=[log_space() for log_space in self.step_sizes],
            n_steps=INNER_STEPS,
            clip=maml.clip_norm(10.0),
        )


def meta_train(learner: Learner, classes: Sequence[Tensor], *, n_steps: int, generator: torch.Generator) -> None:
    """Learn initial parameters and step sizes."""
    network = [*learner.network.parameters(), learner.temperature]
    # A step size is learned as its logarithm, which may go faster than a weight.
    groups = [{"params": network}, {"params": learner.step_sizes.parameters(), "lr": 2e-2}]
    optimizer = torch.optim.Adam(groups, lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    for step in range(n_steps):
        tasks = draw_tasks(classes, TASKS_PER_STEP, generator)
        weights = maml.anneal_step_weights(INNER_STEPS, progress=min(1.0, 2 * step / n_steps))

        def one_task(shown: Tensor, asked: Tensor, weights: Tensor = weights) -> Tensor:
            adapted = learner.trace(shown)[1:]
            return maml.weigh_steps(adapted, lambda p: learner.loss(p, asked, ASKED_LABELS), weights=weights)

        loss = torch.func.vmap(one_task)(copies(tasks.shown, generator), tasks.asked).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def accuracies(learner: Learner, tasks: Task) -> Tensor:
    """Measure the accuracy of each task after each number of steps, `(B, INNER_STEPS + 1)`."""

    def one_task(shown: Tensor, asked: Tensor) -> Tensor:
        answers = [learner.classify(parameters, asked).argmax(1) for parameters in learner.trace(shown)]
        return torch.stack([(answer == ASKED_LABELS).float().mean() for answer in answers])

    return torch.func.vmap(one_task)(copies(tasks.shown, torch.Generator().manual_seed(2)), tasks.asked)


def nearest_mean(tasks: Task) -> Tensor:
    """Measure the accuracy of each task of the class whose mean picture is nearest: what needs no learning, `(B,)`."""
    means = tasks.shown.flatten(2).reshape(len(tasks.shown), WAYS, SHOTS, -1).mean(2)  # (B, WAYS, 64)
    return (torch.cdist(tasks.asked.flatten(2), means).argmin(2) == ASKED_LABELS).float().mean(1)


def plot(curves: Mapping[str, Tensor], path: Path) -> None:
    """Draw accuracy against inner steps."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, values in curves.items():
        steps = range(INNER_STEPS + 1)
        mean, margin = 100 * values.mean(0), 196 * values.std(0) / len(values) ** 0.5
        axes.plot(steps, mean, label=name)
        axes.fill_between(steps, mean - margin, mean + margin, alpha=0.2)
    axes.axhline(100 / WAYS, color="grey", linestyle=":", label="chance")
    axes.set(xlabel="inner steps", ylabel="accuracy on digits never seen [%]")
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> dict[str, float]:
    """Meta-train, judge on digits never seen, draw; return the accuracies after the last inner step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/digits.png"), help="picture to write")
    parser.add_argument("--full", action="store_true", help="five times as many meta-steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few meta-steps: to see that it runs")
    options = parser.parse_args(words)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    learner = Learner()
    judged = draw_tasks(
        pictures_by_class(TEST_DIGITS, turned=False), 100 if options.quick else 500, torch.Generator().manual_seed(1)
    )
    before = accuracies(learner, judged)
    classes = pictures_by_class(TRAIN_DIGITS, turned=True)
    meta_train(learner, classes, n_steps=10 if options.quick else 2000 if options.full else 200, generator=generator)
    after = accuracies(learner, judged)
    nearest = nearest_mean(judged)[:, None].expand(-1, INNER_STEPS + 1)
    curves = {"meta-learned start": after, "random start": before, "nearest mean picture": nearest}
    plot(curves, options.output)
    table = Table("digits never seen", f"accuracy, {WAYS} ways, {SHOTS} shot", "95 % interval")
    for name, values in curves.items():
        mean, margin = 100 * values[:, -1].mean().item(), 196 * values[:, -1].std().item() / len(values) ** 0.5
        table.add_row(name, f"{mean:.1f} %", f"{mean - margin:.1f} to {mean + margin:.1f} %")
    Console().print(table)
    return {name: values[:, -1].mean().item() for name, values in curves.items()}


if __name__ == "__main__":
    main()
