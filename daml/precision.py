"""Which precision the trunk runs in: bfloat16 where the hardware multiplies in it."""

import torch


def autocast(device: torch.device) -> torch.autocast:
    """Make the context that the trunk runs under.

    A CPU without AVX-512 emulates bfloat16, which takes seven times as long as float32; one with it takes half.

    Args:
        device: Where the trunk runs.
    """
    is_native = device.type != "cpu" or "AVX512" in torch.backends.cpu.get_cpu_capability()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_native)
