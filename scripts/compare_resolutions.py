"""Compare image sizes: how well the trunk learns to recognise objects it has never seen, and what an image costs.

The trunk is pretrained alike at each size, then judged on validation tasks. Takes some minutes:

    python scripts/compare_resolutions.py
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import time

import torch
from rich.console import Console
from rich.table import Table

import envs
from daml.augmentation import AugmentationConfig, float_images
from daml.pretraining import Pictures, PretrainingConfig, pretrain, recognition_share, take_pictures
from policies.visuomotor import PolicyConfig, VisuomotorPolicy

SIZES = (64, 96, 128)
"""Heights and widths that are compared, in pixels."""


def pictures_of(split: str, count: int, image_size: int) -> Pictures:
    """Take the pictures of the first tasks of a split."""
    return take_pictures([envs.Task("place", split, i) for i in range(count)], image_size=image_size, seed=0)


def main() -> None:
    """Pretrain at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400, help="pretraining steps at each size")
    parser.add_argument("--tasks", type=int, default=600, help="training tasks")
    parser.add_argument("--validation-tasks", type=int, default=200, help="validation tasks")
    options = parser.parse_args()
    table = Table("image", "objects recognised", "trunk per image", "against 64 px", title="validation tasks")
    reference = 0.0
    for size in SIZES:
        torch.manual_seed(0)
        policy = VisuomotorPolicy(PolicyConfig())
        config = PretrainingConfig(steps=options.steps, tasks=options.tasks)
        train = pictures_of("train", options.tasks, size)
        pretrain(policy, train, config=config, augmentation=AugmentationConfig(), seed=0)
        held_out = pictures_of("validation", options.validation_tasks, size)
        share = recognition_share(policy, held_out)
        images = float_images(held_out.images.flatten(0, 1)[:64])
        began = time.perf_counter()
        with torch.no_grad():
            for _ in range(5):
                policy.trunk(images)
        per_image = (time.perf_counter() - began) / 5 / len(images)
        reference = reference or per_image
        table.add_row(f"{size} px", f"{share:.1%}", f"{1000 * per_image:.2f} ms", f"{per_image / reference:.2f} x")
    Console().print(table)


if __name__ == "__main__":
    main()
