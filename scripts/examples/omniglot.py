"""Omniglot's one-shot challenge: twenty alphabets' runs, each of twenty new characters shown once, with `daml.maml`.

Lake et al. set it so: learn from at most the drawings of five alphabets (`images_background_small1.zip` or `small2`),
then, in each of twenty runs (`all_runs.zip`), see one drawing of each of twenty characters of a new alphabet and tell
for twenty drawings by somebody else which they are. People err in 4.5 % of the answers.

With the three files as their authors publish them (https://github.com/brendenlake/omniglot, folder `python`) in DIR:

    python scripts/examples/omniglot.py --data DIR --full --output runs/omniglot.png

Without `--data` alphabets drawn by code stand in, which says nothing of Omniglot itself; that takes three minutes on
two cores. The learner is a small convolutional network whose last layer starts from the mean features of what is
shown (Proto-MAML); all of it then adapts by gradient steps of learned sizes.

References:
    Lake et al. (2019), arXiv 1902.03477 (the challenge). Triantafillou et al. (2020), arXiv 1903.03096 (Proto-MAML).
    Finn et al. (2017), arXiv 1703.03400.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from daml import maml

SIZE = 28
"""Side of a picture in pixels; the published ones have 105 and are averaged down."""

WAYS = 20
PEOPLE_ERROR = 0.045
"""Lake et al. (2015)."""

INNER_STEPS = 2

TURNS = (-0.2, 0.2)
"""Radians by which what is shown is turned: what the gradient steps learn from, since the last layer, which starts from
the features of what is shown, already knows that by heart."""

BENT_CHARACTERS, BENT_DRAWINGS = 0.2, 0.08
"""Standard deviations of what is added to the six numbers of an affine map of coordinates in [-1, 1]: to make another
character, the same for all its drawings, and to make another drawing of it."""

Alphabet = list[Tensor]
"""Characters, each of which is its drawings: ink in [0, 1], `(n, 1, SIZE, SIZE)`."""


class Run(NamedTuple):
    """One run of the challenge."""

    shown: Tensor
    """A drawing of each of `WAYS` characters, `(WAYS, 1, SIZE, SIZE)`."""
    asked: Tensor
    """Drawings by somebody else, `(n, 1, SIZE, SIZE)`."""
    answers: Tensor
    """Which of the characters shown each is, `(n,)`."""


def read_picture(data: bytes) -> Tensor:
    """Read a picture, black on white, as ink on nothing, `(1, SIZE, SIZE)`."""
    picture = Image.open(io.BytesIO(data)).convert("L").resize((SIZE, SIZE), Image.Resampling.BOX)
    return 1 - torch.from_numpy(np.array(picture, dtype=np.float32))[None] / 255


def open_archive(folder: Path, name: str) -> zipfile.ZipFile:
    """Open one of the published files."""
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{folder / name}: not there; fetch images_background_small1.zip, images_background_small2.zip and "
            "all_runs.zip from https://github.com/brendenlake/omniglot"
        )
    return zipfile.ZipFile(folder / name)


def read_background(folder: Path, name: str) -> list[Alphabet]:
    """Read five alphabets: `ALPHABET/CHARACTER/DRAWING.png` in any folder of an archive."""
    alphabets: dict[str, dict[str, list[Tensor]]] = {}
    with open_archive(folder, name) as archive:
        for path in sorted(archive.namelist()):
            if path.endswith(".png") and not path.startswith("__MACOSX/"):
                alphabet, character, _ = path.split("/")[-3:]
                drawings = alphabets.setdefault(alphabet, {}).setdefault(character, [])
                drawings.append(read_picture(archive.read(path)))
    return [[torch.stack(drawings) for drawings in characters.values()] for characters in alphabets.values()]


def read_runs(folder: Path) -> list[Run]:
    """Read the runs: in each, `class_labels.txt` says which training picture shows the character of a test picture."""
    runs: list[Run] = []
    with open_archive(folder, "all_runs.zip") as archive:
        for path in sorted(name for name in archive.namelist() if name.endswith("/class_labels.txt")):
            above = path[: -len("class_labels.txt")].rpartition("run")[0]
            pairs = [line.split() for line in archive.read(path).decode().splitlines() if line.strip()]
            places = sorted({shown for _, shown in pairs})
            runs.append(
                Run(
                    shown=torch.stack([read_picture(archive.read(above + place)) for place in places]),
                    asked=torch.stack([read_picture(archive.read(above + asked)) for asked, _ in pairs]),
                    answers=torch.tensor([places.index(shown) for _, shown in pairs]),
                )
            )
    return runs


def draw_alphabets(n_alphabets: int, generator: torch.Generator, *, n_characters: int = WAYS) -> list[Alphabet]:
    """Draw alphabets that stand in for Omniglot's, twelve drawings of each character.

    A character is two or three strokes, curves through four points; those of an alphabet share some of their strokes,
    as scripts do. Each drawing moves the points, slants and scales the whole and has a pen of its own.
    """
    return [draw_alphabet(generator, n_characters) for _ in range(n_alphabets)]


def draw_alphabet(generator: torch.Generator, n_characters: int) -> Alphabet:
    """Draw one alphabet."""
    strokes = (
        torch.rand(8, 4, 2, generator=generator) * 1.4 - 0.7
    )  # of which the characters are made, points in [-1, 1]
    characters: Alphabet = []
    for _ in range(n_characters):
        n_strokes = int(torch.randint(2, 4, (1,), generator=generator))
        points = strokes[torch.randperm(len(strokes), generator=generator)[:n_strokes]]
        points = points + 0.25 * torch.randn(n_strokes, 1, 2, generator=generator)
        characters.append(draw_character(points, 12, generator))
    return characters


def draw_character(points: Tensor, n_drawings: int, generator: torch.Generator) -> Tensor:
    """Draw strokes given by their points, `(strokes, 4, 2)`, several times, each a little differently."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(n_drawings, *shape, generator=generator)

    moved = points + 0.07 * normal(*points.shape)
    slant = torch.eye(2) + 0.12 * normal(2, 2)
    moved = torch.einsum("nspi,nij->nspj", moved, slant) + 0.08 * normal(1, 1, 2)
    t = torch.linspace(0, 1, 24)[:, None]
    basis = torch.cat([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], 1)  # Bezier's
    curve = torch.einsum("tp,nspi->nsti", basis, moved).flatten(1, 2)  # (n, points, 2)
    axis = torch.linspace(-1, 1, SIZE)
    pixels = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    distance = torch.cdist(pixels.expand(n_drawings, -1, -1), curve).amin(2)  # (n, SIZE * SIZE)
    width = 0.06 + 0.015 * normal(1).abs()
    return (-(distance / width).square()).exp().reshape(n_drawings, 1, SIZE, SIZE)


def draw_runs(alphabets: Sequence[Alphabet], n_runs: int, generator: torch.Generator) -> list[Run]:
    """Set runs as the challenge does, from alphabets by turns."""
    runs: list[Run] = []
    for i in range(n_runs):
        chosen = torch.randperm(len(alphabets[i % len(alphabets)]), generator=generator)[:WAYS]
        drawings = [alphabets[i % len(alphabets)][k] for k in chosen]
        places = [torch.randperm(len(each), generator=generator)[:2] for each in drawings]
        order = torch.randperm(WAYS, generator=generator)
        shown, asked = (torch.stack([d[p[j]] for d, p in zip(drawings, places, strict=True)]) for j in range(2))
        runs.append(Run(shown, asked[order], order))
    return runs


def bend(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Move, turn, scale and slant characters, and each drawing a little more, `(n, drawings, 1, SIZE, SIZE)`."""
    n, n_drawings = pictures.shape[:2]
    maps = torch.eye(2, 3) + BENT_CHARACTERS * torch.randn(n, 1, 2, 3, generator=generator)
    maps = maps + BENT_DRAWINGS * torch.randn(n, n_drawings, 2, 3, generator=generator)
    flat = pictures.flatten(0, 1)
    grid = functional.affine_grid(maps.flatten(0, 1), list(flat.shape), align_corners=False)
    return functional.grid_sample(flat, grid, align_corners=False).view_as(pictures)


def turn(pictures: Tensor, angle: float) -> Tensor:
    """Turn pictures about their middle by an angle in radians."""
    sine, cosine = math.sin(angle), math.cos(angle)
    rotation = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0]]).expand(len(pictures), -1, -1)
    grid = functional.affine_grid(rotation, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)


class Learner(nn.Module):
    """A convolutional network, and the step sizes with which it adapts."""

    def __init__(self, *, n_filters: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for n_inputs, stride in ((1, 2), (n_filters, 2), (n_filters, 2), (n_filters, 1)):
            convolution = nn.Conv2d(n_inputs, n_filters, 3, stride=stride, padding=1)
            layers += [convolution, nn.GroupNorm(4, n_filters), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.temperature = nn.Parameter(torch.tensor(0.02))
        sizes = maml.share_step_size(self.start_at(torch.zeros(1, 1, SIZE, SIZE)), size=0.005)
        sizes = {name: size.clone() for name, size in sizes.items()}
        self.step_sizes = nn.ModuleList(
            maml.LogSpace(each) for each in maml.step_sizes_per_step(sizes, n_steps=INNER_STEPS)
        )

    def features(self, parameters: maml.Parameters, pictures: Tensor) -> Tensor:
        """Run the body with given parameters."""
        return torch.func.functional_call(
            self.body, {n: parameters[n] for n, _ in self.body.named_parameters()}, pictures
        )

    def start_at(self, shown: Tensor) -> dict[str, Tensor]:
        """Return the parameters to adapt from: those of the body, and a last layer of the features of what is shown.

        The logit of a class is then minus the squared distance to its features, but for what all classes share.
        """
        body = dict(self.body.named_parameters())
        features = self.features(body, shown)
        weight, bias = 2 * self.temperature * features, -self.temperature * features.square().sum(1)
        return {**body, "head.weight": weight, "head.bias": bias}

    def classify(self, parameters: maml.Parameters, pictures: Tensor) -> Tensor:
        """Return logits, `(n, WAYS)`."""
        features = self.features(parameters, pictures)
        return functional.linear(features, parameters["head.weight"], parameters["head.bias"])

    def trace(self, shown: Tensor, *, n_steps: int = INNER_STEPS) -> tuple[dict[str, Tensor], ...]:
        """Adapt to one drawing of each character, turned both ways, and keep the way."""
        labels = torch.arange(len(shown)).repeat(len(TURNS))
        turned = torch.cat([turn(shown, angle) for angle in TURNS])
        return maml.trace_inner_steps(
            self.start_at(shown),
            lambda parameters: functional.cross_entropy(self.classify(parameters, turned), labels),
            step_sizes=[sizes() for sizes in self.step_sizes],
            n_steps=n_steps,
            clip=maml.clip_norm(10.0),
        )


def meta_train(
    learner: Learner, alphabets: Sequence[Alphabet], *, n_steps: int, ways: int, generator: torch.Generator
) -> None:
    """Learn from runs set on the background alphabets, of which `variations` makes more.

    Nine of ten meta-steps take no inner step, which costs a sixth: first the comparison with what is shown is learned,
    then the steps from there.
    """
    network = [*learner.body.parameters(), learner.temperature]
    # A step size is learned as its logarithm, which may go faster than a weight.
    groups = [{"params": network}, {"params": learner.step_sizes.parameters(), "lr": 2e-2}]
    optimizer = torch.optim.Adam(groups, lr=3e-3)
    falls = [lambda step: (1 + math.cos(math.pi * step / n_steps)) / 2, lambda _: 1.0]  # of each group
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, falls)
    tasks_per_step = 2
    among = variations(alphabets)
    n_queries = 2
    labels = torch.arange(ways).repeat_interleave(n_queries)

    def draw_loss(inner_steps: int) -> Tensor:
        """Adapt to a run of its own, and ask about it."""
        alphabet = among[int(torch.randint(len(among), (1,), generator=generator))]
        chosen = torch.randperm(len(alphabet), generator=generator)[:ways]
        drawings = [alphabet[i] for i in chosen]
        places = [torch.randperm(len(each), generator=generator)[: 1 + n_queries] for each in drawings]
        picked = torch.stack([each[place] for each, place in zip(drawings, places, strict=True)])
        picked = bend(picked, generator)
        adapted = learner.trace(picked[:, 0], n_steps=inner_steps)[-1]
        return functional.cross_entropy(learner.classify(adapted, picked[:, 1:].flatten(0, 1)), labels)

    for step in range(n_steps):
        inner_steps = INNER_STEPS if step >= n_steps - max(1, n_steps // 10) else 0
        optimizer.zero_grad()
        maml.average_gradients((draw_loss(inner_steps) for _ in range(tasks_per_step)), learner.parameters())
        optimizer.step()
        schedule.step()


def variations(alphabets: Sequence[Alphabet]) -> list[Alphabet]:
    """Count a character turned by a quarter, or mirrored, as another; return these alphabets, and one of them all."""
    mirrored = [[character.flip(3) for character in alphabet] for alphabet in alphabets]
    both = [*alphabets, *mirrored]
    turned = [[torch.rot90(c, quarter, (2, 3)) for c in alphabet] for alphabet in both for quarter in range(4)]
    return [*turned, [character for alphabet in turned for character in alphabet]]


@torch.no_grad()
def errors(learner: Learner, runs: Sequence[Run]) -> Tensor:
    """Measure the share of wrong answers in each run after each number of steps, `(runs, INNER_STEPS + 1)`."""

    def of_run(run: Run) -> Tensor:
        answers = [learner.classify(p, run.asked).argmax(1) for p in learner.trace(run.shown)]
        return torch.stack([(answer != run.answers).float().mean() for answer in answers])

    return torch.stack([of_run(run) for run in runs])


def nearest_error(runs: Sequence[Run]) -> Tensor:
    """Measure the share of wrong answers of the nearest picture, pixel by pixel, `(runs,)`."""
    nearest = [torch.cdist(run.asked.flatten(1), run.shown.flatten(1)).argmin(1) for run in runs]
    return torch.stack([(n != run.answers).float().mean() for n, run in zip(nearest, runs, strict=True)])


def plot(run: Run, learner: Learner, rates: Mapping[str, Tensor], path: Path) -> None:
    """Draw one run with its answers, and the error rates."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    with torch.no_grad():
        answers = learner.classify(learner.trace(run.shown)[-1], run.asked).argmax(1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=(2, 1))
    rows = [run.shown[run.answers], run.asked, run.shown[answers]]
    left.imshow(torch.cat([torch.cat(list(row[:, 0]), 1) for row in rows]).numpy(), cmap="Greys")
    left.set_xticks([])
    left.set_yticks([SIZE * (i + 0.5) for i in range(3)], ["shown", "asked", "answered"])
    left.set_title("one run: an answer is right where it is the drawing shown")
    right.bar(list(rates), [100 * rate.mean().item() for rate in rates.values()], color=["C0", "C1", "grey"])
    right.axhline(100 * PEOPLE_ERROR, color="black", linestyle=":", label="people, on Omniglot")
    right.set(ylabel="wrong answers [%]")
    right.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def load(options: argparse.Namespace, generator: torch.Generator) -> dict[str, tuple[list[Alphabet], list[Run]]]:
    """Return for each background set its alphabets and the runs."""
    if options.data is None:
        runs = draw_runs(draw_alphabets(5, generator), 20, generator)
        return {"drawn by code": (draw_alphabets(5, generator), runs)}
    runs = read_runs(options.data)
    names = ("images_background_small1", "images_background_small2")
    return {name: (read_background(options.data, f"{name}.zip"), runs) for name in names}


def main(words: Sequence[str] | None = None) -> dict[str, float]:
    """Meta-train on each background set, answer the runs, draw; return the error rate of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the three published files")
    parser.add_argument("--output", type=Path, default=Path("runs/omniglot.png"), help="picture to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few meta-steps: to see that it runs")
    parser.add_argument("--full", action="store_true", help="64 filters, 20,000 meta-steps: forty minutes on one core")
    options = parser.parse_args(words)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    results: dict[str, float] = {}
    table = Table("learned from", "wrong answers", "95 % interval over runs", "before steps", "nearest picture")
    for name, (alphabets, runs) in load(options, generator).items():
        learner = Learner(n_filters=64 if options.full else 32)
        n_steps = 4 if options.quick else 20_000 if options.full else 2000
        meta_train(learner, alphabets, n_steps=n_steps, ways=5 if options.quick else WAYS, generator=generator)
        by_run, nearest = errors(learner, runs), nearest_error(runs)
        rates = {"adapted": by_run[:, -1], "not adapted": by_run[:, 0], "nearest picture": nearest}
        plot(runs[0], learner, rates, options.output.with_stem(f"{options.output.stem}-{name}".replace(" ", "-")))
        mean, margin = 100 * by_run[:, -1].mean().item(), 196 * by_run[:, -1].std().item() / math.sqrt(len(runs))
        interval = f"{max(0.0, mean - margin):.1f} to {mean + margin:.1f} %"
        others = [f"{100 * rate.mean():.1f} %" for rate in (by_run[:, 0], nearest)]
        table.add_row(name, f"{mean:.1f} %", interval, *others)
        results[name] = mean / 100
    Console().print(table)
    return results


if __name__ == "__main__":
    main()
