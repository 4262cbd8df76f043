"""Compare image sizes: how well the trunk recognises and locates objects it has never seen, and what an image costs.

The trunk is pretrained alike at each size, then judged on validation tasks. Takes some minutes:

    python scripts/compare_resolutions.py
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import tempfile
import time
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from daml import envs
from daml.batches.augmentation import AugmentationConfig
from daml.collection.pictures import Pictures, take_pictures
from daml.optimization.hardware import keep_freed_memory
from daml.policies.head import PolicyConfig
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy
from daml.training.pretraining import PretrainingConfig, measure_trunk, pretrain

SIZES = (64, 96, 128)
"""Heights and widths that are compared, in pixels."""


def pictures_of(split: str, count: int, image_size: int) -> Pictures:
    """Take the pictures of the first tasks of each kind of a split."""
    tasks = [envs.Task(kind, split, index) for index in range(count) for kind in envs.KINDS]
    with tempfile.TemporaryDirectory() as folder:
        return take_pictures(Path(folder), tasks, image_size=image_size, seed=0)


def main() -> None:
    """Pretrain at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400, help="pretraining steps at each size")
    parser.add_argument("--tasks", type=int, default=600, help="training tasks of each kind")
    parser.add_argument("--validation-tasks", type=int, default=100, help="validation tasks of each kind")
    options = parser.parse_args()
    keep_freed_memory()
    columns = ("image", "recognised", "middle missed by", "effector missed by", "trunk per image", "against 64 px")
    table = Table(*columns, title="validation tasks; errors are medians, in hundredths of half the image")
    reference = 0.0
    for size in SIZES:
        torch.manual_seed(0)
        policy = VisuomotorPolicy(PolicyConfig())
        config = PretrainingConfig(steps=options.steps, tasks=options.tasks)
        train = pictures_of("train", options.tasks, size)
        pretrain(policy, train, config=config, augmentation=AugmentationConfig(), seed=0)
        held_out = pictures_of("validation", options.validation_tasks, size)
        figures = measure_trunk(policy, held_out)
        images = float_images(held_out.images.flatten(0, 1)[:64])
        began = time.perf_counter()
        with torch.no_grad():
            for _ in range(5):
                policy.trunk(images)
        per_image = (time.perf_counter() - began) / 5 / len(images)
        reference = reference or per_image
        table.add_row(
            f"{size} px",
            f"{figures.recognised:.1%}",
            f"{100 * figures.middle_error:.1f}",
            f"{100 * figures.effector_error:.1f}",
            f"{1000 * per_image:.2f} ms",
            f"{per_image / reference:.2f} x",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
