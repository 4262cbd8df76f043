"""Short names for settings and weights."""

import hashlib
from collections.abc import Sequence

from torch import Tensor


def digest(*parts: object, tensors: Sequence[Tensor] = ()) -> str:
    """Return a short name for settings and weights: another one as soon as any of them differs."""
    digester = hashlib.sha256(repr(parts).encode())
    for tensor in tensors:
        digester.update(tensor.detach().cpu().numpy().tobytes())
    return digester.hexdigest()[:16]
