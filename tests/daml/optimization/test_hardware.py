import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from daml.optimization import hardware
from daml.optimization.hardware import autocast, keep_freed_memory


@pytest.mark.parametrize(
    ("abilities", "dtype"),
    [
        ({}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": True}, torch.bfloat16),
    ],
)
def test_a_cpu_runs_in_bfloat16_where_it_multiplies_in_it(
    abilities: dict[str, bool], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities)
    matrix = torch.ones(2, 2)

    with autocast(torch.device("cpu")):
        assert (matrix @ matrix).dtype == dtype


PROGRAM = """
import ctypes, sys
from pathlib import Path
from daml.optimization.hardware import keep_freed_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

keeps = len(sys.argv) > 1 and keep_freed_memory()
before = resident()
block = bytearray(b"x" * 50_000_000)
filled = resident() - before
del block
print(keeps, filled, resident() - before)
"""
"""Prints whether memory is kept, and the pages gained with a large block and after it was freed."""


def measure(*words: str) -> tuple[bool, int, int]:
    run = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
    keeps, filled, left = run.stdout.split()
    return keeps == "True", int(filled), int(left)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells how much memory is resident")
def test_freed_memory_stays_with_the_process_where_that_can_be_asked_for():
    keeps, filled, left = measure("keep")
    if keeps:
        assert left > 0.8 * filled
    _, filled, left = measure()
    assert left < 0.2 * filled


class WithoutMallopt:
    """Another C library."""


@pytest.mark.parametrize("error", [None, OSError("no such library"), TypeError("no name given")])
def test_another_c_library_is_left_alone(error: Exception | None, monkeypatch: pytest.MonkeyPatch):
    def load(_name: None) -> WithoutMallopt:
        if error is not None:
            raise error
        return WithoutMallopt()

    monkeypatch.setattr(ctypes, "CDLL", load)

    assert not keep_freed_memory()


@pytest.mark.parametrize(("answers", "kept"), [([1, 1], True), ([1, 0], False), ([0, 1], False)])
def test_it_is_kept_when_every_setting_was_taken(answers: list[int], kept: bool, monkeypatch: pytest.MonkeyPatch):  # noqa: FBT001 - a table
    class Library:
        def mallopt(self, _parameter: int, _value: int) -> int:
            return answers.pop(0)

    monkeypatch.setattr(hardware.ctypes, "CDLL", lambda _name: Library())

    assert keep_freed_memory() == kept
