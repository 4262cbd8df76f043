"""The C allocator's manners: large blocks are kept for the next step instead of being handed back to the system."""

import ctypes

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
