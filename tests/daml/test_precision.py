import pytest
import torch

from daml.precision import autocast


@pytest.mark.parametrize(("capability", "dtype"), [("AVX2", torch.float32), ("AVX512", torch.bfloat16)])
def test_a_cpu_runs_in_bfloat16_where_it_multiplies_in_it(
    capability: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    matrix = torch.ones(2, 2)

    with autocast(torch.device("cpu")):
        assert (matrix @ matrix).dtype == dtype
