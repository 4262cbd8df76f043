"""Which errors are the user's to mend, and which are faults of this package."""

import errno
import traceback
from pathlib import Path

_PACKAGE = Path(__file__).parent
"""The package's folder: demos, envs and policies are inside it too, as links or as copies."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room left: on the disk, for this user, in one file."""


def is_disks(error: BaseException) -> bool:
    """Tell whether an error says that a disk did not take what was written."""
    return isinstance(error, OSError) and error.errno in _FULL


def is_users(error: BaseException) -> bool:
    """Tell whether an error asks the user to change something, rather than showing a fault of the package.

    The package checks its input and raises what is wrong with it on purpose, by a `raise` statement of its own. The
    operating system's errors are the user's too: no such file, a full disk. Whatever else escapes, such as the
    `ValueError` of a library that was called wrongly, is a fault: nobody checked for it.

    Args:
        error: An error that was raised and caught.

    Returns:
        Whether one line about it is enough; otherwise its traceback is needed.
    """
    if isinstance(error, (OSError, MemoryError)):
        return True
    if not isinstance(error, (ValueError, RuntimeError, FloatingPointError, ImportError)):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or not Path(frames[-1].filename).is_relative_to(_PACKAGE):
        return False
    return (frames[-1].line or "").startswith("raise ")
