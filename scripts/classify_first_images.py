"""Try to tell from the robot's first image what is to be done on the one table: nothing but the video should say it.

A small network sees the first image and where things are in it, and guesses manner, item and destination. What it gets
right on scenes that it was not trained on is held against chance: the best guess of somebody who knows which manners,
items and destinations a scene offers. Some ten minutes on one core:

    python scripts/classify_first_images.py --n-scenes 3000
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from contextlib import closing
from typing import NamedTuple

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from daml import envs
from daml.envs.scene.cameras import POLICY_CAMERA
from daml.envs.tasks.kinds import draw_objects
from daml.evaluation.statistics import wilson_interval

MOST = 4
"""Most items and most destinations of a scene."""

QUESTIONS = ("manner", "item", "destination")


class Scenes(NamedTuple):
    """First images of N scenes, and what is to be done there."""

    images: Tensor
    """RGB in [0, 1], `(N, 3, H, W)`."""
    places: Tensor
    """Where items, then destinations are, x and y in [-1, 1], `(N, 2 MOST, 2)`."""
    there: Tensor
    """Whether there is one, `(N, 2 MOST)`."""
    answers: Tensor
    """Number of the manner, the item and the destination, `(N, 3)`."""
    chances: Tensor
    """Probability of the best guess at each, `(N, 3)`."""
    holds: Tensor
    """Whether an item is in the gripper, `(N,)`."""


class Guesser(nn.Module):
    """Convolutions, read off where things are, beside what the whole image shows."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        sizes = ((3, 2), (width, 2), (width, 1), (width, 1))
        layers: list[nn.Module] = []
        for n_channels, stride in sizes:
            layers += [nn.Conv2d(n_channels, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]
        self.trunk = nn.Sequential(*layers)
        self.score = nn.ModuleList(
            nn.Sequential(nn.Linear(3 * width, width), nn.ReLU(), nn.Linear(width, 1)) for _ in range(2)
        )
        self.manner = nn.Linear(2 * width, 2)

    def forward(self, images: Tensor, places: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of manners, `(N, 2)`, items and destinations, `(N, MOST)`."""
        maps = self.trunk(images)
        whole = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)  # (N, 2 width)
        near = functional.grid_sample(maps, places[:, None], align_corners=False)[:, :, 0].transpose(1, 2)
        features = torch.cat([near, whole[:, None].expand(-1, near.shape[1], -1)], dim=2)  # (N, 2 MOST, 3 width)
        scores = [score(part)[..., 0] for score, part in zip(self.score, features.chunk(2, dim=1), strict=True)]
        items, destinations = (
            score.masked_fill(~mask, -1e9) for score, mask in zip(scores, there.chunk(2, dim=1), strict=True)
        )
        return self.manner(whole), items, destinations


def look(n_scenes: int, *, split: str, image_size: int, first: int) -> Scenes:
    """Look at the first image of so many tasks."""
    rows: list[tuple[Tensor, ...]] = []
    with closing(envs.TabletopEnv("tabletop", image_size=image_size)) as env:
        for index in track(range(first, first + n_scenes), description="first images", console=Console(stderr=True)):
            task = envs.Task("tabletop", split, index)
            objects = draw_objects(task)
            observation, info = env.reset(seed=index, options={"task": task})
            state, choice, chance = info["state"], objects.choice(objects.target), envs.chances(task)
            tops = np.column_stack([state["container_positions"], state["container_heights"] / 2])
            places, there = np.zeros((2 * MOST, 2), np.float32), np.zeros(2 * MOST, bool)
            for start, padded in ((0, state["item_positions"]), (MOST, tops)):
                points = padded[np.isfinite(padded).all(axis=1)]
                places[start : start + len(points)] = POLICY_CAMERA.project(points)
                there[start : start + len(points)] = True
            rows.append(
                (
                    torch.as_tensor(observation["image"]).permute(2, 0, 1) / 255,
                    torch.as_tensor(places),
                    torch.as_tensor(there),
                    torch.tensor([int(choice.manner == "push"), choice.item, choice.container]),
                    torch.tensor([chance.manner, chance.item, chance.destination]),
                    torch.tensor(choice.manner == "place"),
                )
            )
    return Scenes(*(torch.stack(column) for column in zip(*rows, strict=True)))


def train(scenes: Scenes, *, steps: int, seed: int) -> Guesser:
    """Train a guesser; what the held item shows of placing is not asked for."""
    torch.default_generator.manual_seed(seed)
    guesser = Guesser()
    optimizer = torch.optim.AdamW(guesser.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for _ in track(range(steps), description="training", console=Console(stderr=True)):
        chosen = torch.randint(len(scenes.images), (48,))
        free = ~scenes.holds[chosen]
        images = scenes.images[chosen]
        images = images * (1 + 0.1 * torch.randn(len(chosen), 3, 1, 1)) + 0.02 * torch.randn_like(images)
        manner, items, destinations = guesser(images, scenes.places[chosen], scenes.there[chosen])
        answers = scenes.answers[chosen]
        loss = (
            functional.cross_entropy(manner[free], answers[free, 0])
            + functional.cross_entropy(items[free], answers[free, 1])
            + functional.cross_entropy(destinations, answers[:, 2])
        )
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()  # pyright: ignore[reportUnknownMemberType] - the closure has no type
        schedule.step()
    return guesser.eval()


@torch.no_grad()
def judge(guesser: Guesser, scenes: Scenes, table: Table) -> None:
    """Add rows of what a guesser gets right."""
    outputs = [guesser(*parts) for parts in zip(*(torch.split(value, 100) for value in scenes[:3]), strict=True)]
    guesses = torch.stack([torch.cat(column).argmax(1) for column in zip(*outputs, strict=True)], dim=1)
    right = guesses == scenes.answers
    for name, mask in (("carrying and pushing", ~scenes.holds), ("placing", scenes.holds)):
        for number, question in enumerate(QUESTIONS):
            if name == "placing" and question != "destination":
                continue  # the item is in the gripper
            n, hits = int(mask.sum()), int(right[mask, number].sum())
            low, high = wilson_interval(hits, n)
            chance = float(scenes.chances[mask, number].mean())
            verdict = "no better than chance" if low <= chance else "BETTER THAN CHANCE"
            table.add_row(
                name, question, f"{n}", f"{hits / n:.1%}", f"{low:.1%} to {high:.1%}", f"{chance:.1%}", verdict
            )


def main() -> None:
    """Look, train, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n-scenes", type=int, default=3000, help="scenes; a fifth of them is kept for judging")
    parser.add_argument("--steps", type=int, default=1500, help="steps of training")
    parser.add_argument("--image-size", type=int, default=96, help="height and width of the images, in pixels")
    parser.add_argument("--split", choices=envs.SPLITS, default="train", help="split of the tasks")
    parser.add_argument("--seed", type=int, default=0, help="seed of the training")
    options = parser.parse_args()
    scenes = look(options.n_scenes, split=options.split, image_size=options.image_size, first=0)
    n_trained = round(0.8 * options.n_scenes)
    guesser = train(Scenes(*(value[:n_trained] for value in scenes)), steps=options.steps, seed=options.seed)
    table = Table(title=f"what {n_trained} first images tell of {options.n_scenes - n_trained} others")
    for column in ("tasks", "question", "scenes", "right", "95 % interval", "chance", "verdict"):
        table.add_column(column)
    judge(guesser, Scenes(*(value[n_trained:] for value in scenes)), table)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
