"""Laws of the pages on meta-learning: their code runs, and what they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from daml import maml

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("meta-learning.md", "porting-to-daml-maml.md")]
BLOCK = re.compile(r"^```python(?: run)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
OTHERS = ("l2l.", "higher.", "init_process_group")
"""What is not installed, or needs torchrun, marks a block that is not run."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs_in_its_order(page: Path):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    code = "\n".join(block for block in blocks if not any(other in block for other in OTHERS))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)

    assert code
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_scripts_and_pages_that_are_named_are_there(page: Path):
    text = page.read_text(encoding="utf-8")

    assert set(re.findall(r"`?\bmaml\.([a-zA-Z]\w*)\b(?!\.md)", text)) - {"md"} <= set(maml.__all__)
    paths = set(re.findall(r"\b(?:scripts|tests)/[\w/.]+\w", text))
    links = re.findall(r"\]\(([\w/-]+\.md)", text)
    assert all((ROOT / path).exists() for path in paths)
    assert all((page.parent / link).exists() for link in links)


def test_every_name_of_the_package_is_on_the_pages():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    types = {"Clip", "Gradient", "Loss", "Parameters", "Regularizer", "StepSizes"}

    assert [name for name in maml.__all__ if name not in text and name not in types] == []
