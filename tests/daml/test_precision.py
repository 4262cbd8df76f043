import pytest
import torch

from daml.precision import autocast


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
