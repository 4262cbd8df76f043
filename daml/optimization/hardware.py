"""Which precision the trunk runs in: bfloat16 where the hardware multiplies in it."""

import ctypes
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


_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""Parameters of glibc's mallopt (malloc.h)."""

_NEVER = 2**31 - 1
"""Bytes at the end of the heap above which they are handed back: more than glibc's int can ask for."""


def keep_freed_memory() -> bool:
    """Keep freed memory in this process, where the C library allows to ask for that (glibc).

    Every step of training allocates the same large tensors again. By default glibc maps each of them anew, and the
    system clears every page of it, which takes as long as the arithmetic.

    Returns:
        Whether the allocator took the settings.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or none to look into
        return False
    return bool(mallopt(_M_MMAP_MAX, 0)) and bool(mallopt(_M_TRIM_THRESHOLD, _NEVER))
