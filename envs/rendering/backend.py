"""Choose the OpenGL backend that MuJoCo renders with, before mujoco is imported and without importing it."""

import ctypes
import os
import platform
from collections.abc import Callable, Mapping
from types import MappingProxyType

NO_BACKEND = "disable"
"""MuJoCo's own word for "physics only": importing works, rendering does not."""

SYSTEM_PACKAGES: Mapping[str, str] = MappingProxyType(
    {"egl": "libegl1 libegl-mesa0 libgl1-mesa-dri", "osmesa": "libosmesa6"},
)
"""Debian and Ubuntu packages that bring each software backend."""

_HEADLESS = ("egl", "osmesa")
# The spellings that MuJoCo accepts for "the window system's backend" and for "none".
_WINDOWED = frozenset({"enable", "enabled", "on", "true", "1", "glx", "wgl"})
_DISABLED = frozenset({"disable", "disabled", "off", "false", "0"})


def choose_backend() -> str:
    """Name the backend to render with; takes milliseconds and creates no GL context.

    `MUJOCO_GL` is obeyed when it is set. Otherwise, on Linux, the first of EGL, OSMesa and (where `DISPLAY` is set)
    GLFW whose library can be loaded: EGL needs no display, uses a GPU where there is one and is the fastest in
    software. A library that loads may still fail to draw; `daml doctor` really draws with each.

    Returns:
        `egl`, `osmesa`, `glfw` or `cgl`; `disable` when nothing can render.

    Raises:
        ValueError: `MUJOCO_GL` names no backend of this platform.
    """
    requested = os.environ.get("MUJOCO_GL", "").lower().strip()
    if requested:
        return _requested_backend(requested)
    if platform.system() != "Linux":
        return _windowed_backend()
    pyopengl = os.environ.get("PYOPENGL_PLATFORM", "").lower().strip()
    for backend, can_load in _PROBES.items():
        # PyOpenGL serves one platform per process: a backend other than the one it was told to serve would be refused.
        if backend in _HEADLESS and pyopengl not in {"", backend}:
            continue
        if can_load():
            return backend
    return NO_BACKEND


def known_backends() -> tuple[str, ...]:
    """List the backends that this platform could have, in the order in which they are tried."""
    return tuple(_PROBES) if platform.system() == "Linux" else (_windowed_backend(),)


def configure() -> str:
    """Set the environment that MuJoCo and Mesa read when they are loaded; call it before mujoco is imported.

    Sets `MUJOCO_GL` on Linux when it is unset, and `LP_NUM_THREADS`, Mesa's own threads, to 0 when it is unset: the
    images are small and several processes render at once, so that threads inside each only get in one another's way.

    Returns:
        The backend chosen, as `choose_backend`; `disable` where `MUJOCO_GL` asks for OSMesa and its library is missing.

    Raises:
        ValueError: `MUJOCO_GL` names no backend of this platform.
    """
    backend = choose_backend()
    if backend == "osmesa" and not _PROBES[backend]():
        # MuJoCo would fall over its missing library as soon as it is imported, also where nothing is to be drawn.
        backend = NO_BACKEND
    if platform.system() == "Linux":
        os.environ["MUJOCO_GL"] = backend
        os.environ.setdefault("LP_NUM_THREADS", "0")
    return backend


def backend_advice() -> str:
    """Say in one line what to do when nothing can render."""
    if platform.system() != "Linux":
        return "update the graphics driver, then run `daml doctor`"
    return (
        f"run `sudo apt-get install {SYSTEM_PACKAGES['egl']}` (or install your system's Mesa EGL library), "
        "unset MUJOCO_GL and PYOPENGL_PLATFORM, then run `daml doctor`"
    )


def _requested_backend(requested: str) -> str:
    if requested in _DISABLED:
        return NO_BACKEND
    if requested in _WINDOWED:
        return _windowed_backend()
    valid = {*known_backends(), "glfw"}
    if requested not in valid:
        names = ", ".join(sorted(valid))
        raise ValueError(f"MUJOCO_GL={requested}: expected one of {names}, or unset it to have one chosen")
    return requested


def _windowed_backend() -> str:
    return "cgl" if platform.system() == "Darwin" else "glfw"


def _egl_has_device() -> bool:
    """Ask EGL for its devices: the dispatch library alone, without a vendor's driver behind it, has none."""
    try:
        egl = ctypes.CDLL("libEGL.so.1")
        egl.eglGetProcAddress.restype = ctypes.c_void_p
        egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
        address = egl.eglGetProcAddress(b"eglQueryDevicesEXT")
    except (OSError, AttributeError):
        return False
    if not address:
        return False
    signature = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int))
    n_devices = ctypes.c_int(0)
    return bool(signature(address)(0, None, ctypes.byref(n_devices))) and n_devices.value > 0


def _osmesa_loads() -> bool:
    # PyOpenGL looks for the unversioned name first, then for these sonames.
    for name in ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY"))


_PROBES: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {"egl": _egl_has_device, "osmesa": _osmesa_loads, "glfw": _has_display},
)
