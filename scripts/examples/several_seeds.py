"""Run the other examples with several seeds, and print what each reaches with its interval over seeds.

    python scripts/examples/several_seeds.py --output runs/examples.json                      # five seeds of each
    python scripts/examples/several_seeds.py sinusoid --seeds 0 1 2 --output runs/three.json  # fewer

Each runs in its normal form, or as `--quick` or `--full` say. Results that the file holds are not measured again; a
picture of each seed is written beside it.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import importlib
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from variants import interval

EXAMPLES = ("sinusoid", "recurrent", "navigation", "digits", "omniglot")
"""Those whose `main` returns what they reach: a figure, or a figure and half its interval over tasks, by name."""


def measure(
    names: Sequence[str], seeds: Sequence[int], path: Path, *, form: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Run each example with each seed; return its figures by example, figure and seed."""
    figures: dict[str, dict[str, float]] = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        for seed in seeds:
            if any(key.startswith(f"{name} | ") and str(seed) in by_seed for key, by_seed in figures.items()):
                continue
            picture = path.with_name(f"{path.stem}-{name}-{seed}.png")
            found = importlib.import_module(name).main([*form, "--seed", str(seed), "--output", str(picture)])
            for key, value in found.items():
                figure = value[0] if isinstance(value, tuple) else value
                figures.setdefault(f"{name} | {key}", {})[str(seed)] = figure
            path.write_text(json.dumps(figures, indent=1))
    return figures


def main(words: Sequence[str] | None = None) -> dict[str, dict[str, float]]:
    """Run the examples, print a table, write JSON; return what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", choices=[[], *EXAMPLES], default=[], help="by default all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--output", type=Path, default=Path("runs/examples.json"), help="what it holds is kept")
    parser.add_argument("--quick", action="store_true", help="the quick form of each")
    parser.add_argument("--full", action="store_true", help="the long form of each: hours")
    options = parser.parse_args(words)
    torch.set_num_threads(1)  # the tensors are small
    form = [f"--{each}" for each in ("quick", "full") if getattr(options, each)]
    figures = measure(options.examples or EXAMPLES, options.seeds, options.output, form=form)
    table = Table("example", "figure", "mean over seeds (95 % interval)", "seeds")
    for key, by_seed in figures.items():
        values = list(by_seed.values())
        table.add_row(*key.split(" | "), interval(values), str(len(values)))
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
