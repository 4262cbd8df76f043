"""Which precision the trunk runs in: bfloat16 where the hardware multiplies in it."""

from collections.abc import Mapping
from typing import Any

import torch


def autocast(device: torch.device) -> torch.autocast:
    """Make the context that the trunk runs under.

    A CPU that multiplies in bfloat16 (AVX-512 BF16 or AMX) takes half the time that float32 takes. One that does not
    emulates it: with AVX-512 alone in twice the time of float32, without in seven times. A torch that cannot tell
    (before `torch.cpu.get_capabilities`) takes float32 there.

    Args:
        device: Where the trunk runs.
    """
    abilities: Mapping[str, Any] = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    is_native = device.type != "cpu" or any(abilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_native)
