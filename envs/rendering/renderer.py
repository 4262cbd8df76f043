"""Draw a model's cameras offscreen: fast and plain for a policy, with shadows for people."""

import atexit
import importlib
import os
import warnings
import weakref
from dataclasses import dataclass, field
from typing import Protocol, Self, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.envs.rendering import backend

# MuJoCo reads the environment when it is imported, so the backend is chosen between the imports.
_BACKEND = backend.configure()

import mujoco  # noqa: E402  (see above)

from daml.envs.rendering.load_order import load_triton_first  # noqa: E402
from daml.envs.rendering.quality import POLICY_QUALITY, RenderQuality, drawn_as  # noqa: E402

_IDENTIFYING = RenderQuality(samples=0, shadow_map=0, slices=24, stacks=12, effects=False, oversampling=1)
_SPARE_GEOMS = 256  # Room in a scene for what is not a geom: sites, tendons, skins, decorations.
_EFFECTS = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_HAZE,
)


class OffscreenRenderer:
    """Renders one image size; takes a new model cheaply.

    Creating a GL context costs 100 ms, uploading a model under 1 ms: all renderers of a process share one GL context,
    so a new model for every episode is fine, and so are renderers of several sizes side by side. Not for use from
    several threads; a forked or spawned process gets a context of its own, and a copy uploads its model anew.
    """

    def __init__(self, height: int, width: int) -> None:
        """Check the size; GL is not touched before the first `render`.

        Args:
            height: Image height in pixels.
            width: Image width in pixels.

        Raises:
            ValueError: A side is not positive.
        """
        if height < 1 or width < 1:
            raise ValueError(f"image size (height, width) = ({height}, {width}): both must be at least 1 pixel")
        self._rectangle = mujoco.MjrRect(0, 0, width, height)
        self._loaded: _LoadedModel | None = None
        _open_renderers.add(self)

    def load(self, model: mujoco.MjModel) -> None:
        """Render this model from now on; frees what was uploaded of the one before.

        Load again after changing a texture or a mesh of the model in place.

        Args:
            model: Compiled model. Unchanged.
        """
        self.close()
        self._loaded = _LoadedModel(model)

    def render(self, data: mujoco.MjData, camera: str, *, quality: RenderQuality = POLICY_QUALITY) -> NDArray[np.uint8]:
        """Draw what a camera of the loaded model sees.

        Args:
            data: State of the loaded model, with positions computed (`mj_forward` or `mj_step`).
            camera: Name of a camera of the model.
            quality: `POLICY_QUALITY` for a policy, `PERSON_QUALITY` for people.

        Returns:
            RGB image, `(H, W, 3)`; a new array each time.

        Raises:
            RuntimeError: No model is loaded, or nothing on this machine can render; the message says what to install.
            ValueError: The model has no such camera.
        """
        upside_down = self._draw(data, camera, quality)
        if quality.oversampling > 1:
            size = (self._rectangle.width, self._rectangle.height)
            upside_down = cv2.resize(upside_down, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        return upside_down[::-1].copy()

    def identify(self, data: mujoco.MjData, camera: str) -> NDArray[np.int32]:
        """Tell what a camera of the loaded model sees in each pixel; arguments and errors are those of `render`.

        Returns:
            Kind of object as in `mujoco.mjtObj` and its number, `(H, W, 2)`; -1 where there is none.
        """
        # A geom's colour is its number in the scene, plus one, in base 256.
        numbers = self._draw(data, camera, _IDENTIFYING)[::-1] @ np.array([1, 256, 256**2], np.int32)
        scene = self._checked().scene
        kinds = np.full((scene.ngeom + 1, 2), -1, np.int32)
        geoms = cast("tuple[mujoco.MjvGeom, ...]", scene.geoms)  # pyright: ignore[reportUnknownMemberType] - a bare tuple
        for geom in geoms[: scene.ngeom]:
            kinds[geom.segid + 1] = (geom.objtype, geom.objid) if geom.segid >= 0 else -1
        return kinds[numbers]

    def _draw(self, data: mujoco.MjData, camera: str, quality: RenderQuality) -> NDArray[np.uint8]:
        """Return the pixels as they are drawn, oversampled and bottom row first."""
        loaded = self._checked()
        scene = loaded.scene
        view = _fixed_camera(loaded.model, camera)
        _gl_context().make_current()
        fine = mujoco.MjrRect(
            0, 0, self._rectangle.width * quality.oversampling, self._rectangle.height * quality.oversampling
        )
        context = loaded.upload(quality, fine)
        for flag in _EFFECTS:
            scene.flags[flag] = quality.effects
        for flag in (mujoco.mjtRndFlag.mjRND_SEGMENT, mujoco.mjtRndFlag.mjRND_IDCOLOR):
            scene.flags[flag] = quality is _IDENTIFYING
        mujoco.mjv_updateScene(loaded.model, data, loaded.option, None, view, mujoco.mjtCatBit.mjCAT_ALL.value, scene)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, context)
        mujoco.mjr_render(fine, scene, context)
        upside_down = np.empty((fine.height, fine.width, 3), dtype=np.uint8)
        mujoco.mjr_readPixels(upside_down, None, fine, context)
        return upside_down

    def _checked(self) -> "_LoadedModel":
        if self._loaded is None:
            raise RuntimeError("no model to render: call load(model) first")
        return self._loaded

    def close(self) -> None:
        """Free what was uploaded; the renderer can be loaded again."""
        if self._loaded is not None:
            self._loaded.free()
        self._loaded = None

    def __getstate__(self) -> tuple[int, int, mujoco.MjModel | None]:
        """Return what a copy is made of: what has been uploaded stays with this one."""
        return self._rectangle.height, self._rectangle.width, None if self._loaded is None else self._loaded.model

    def __setstate__(self, state: tuple[int, int, mujoco.MjModel | None]) -> None:
        height, width, model = state
        self.__init__(height, width)
        if model is not None:
            self.load(model)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(eq=False)
class _LoadedModel:
    """A model, its scene, and what has been uploaded of it, per look."""

    model: mujoco.MjModel
    option: mujoco.MjvOption = field(default_factory=mujoco.MjvOption)
    scene: mujoco.MjvScene = field(init=False)
    contexts: dict[RenderQuality, mujoco.MjrContext] = field(default_factory=dict[RenderQuality, mujoco.MjrContext])
    process: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        self.scene = mujoco.MjvScene(self.model, maxgeom=self.model.ngeom + self.model.nsite + _SPARE_GEOMS)

    def upload(self, quality: RenderQuality, rectangle: mujoco.MjrRect) -> mujoco.MjrContext:
        """Return the model's GL resources for a look, made at first need; the GL context must be current."""
        if self.process != os.getpid():  # What a parent process uploaded is not in this process's GL context.
            self.contexts, self.process = {}, os.getpid()
        if quality not in self.contexts:
            with drawn_as(self.model, quality, rectangle):
                self.contexts[quality] = _create_model_context(self.model)
        return self.contexts[quality]

    def free(self) -> None:
        if self.contexts and self.process == os.getpid():
            _gl_context().make_current()
            for context in self.contexts.values():
                context.free()
        self.contexts.clear()


class _GlContext(Protocol):
    """What MuJoCo's GL contexts have in common."""

    def make_current(self) -> None: ...
    def free(self) -> None: ...


_gl_contexts: dict[int, _GlContext] = {}
"""By process id: a context inherited through a fork cannot be drawn with."""
_open_renderers: weakref.WeakSet[OffscreenRenderer] = weakref.WeakSet()


def _gl_context() -> _GlContext:
    process = os.getpid()
    if process not in _gl_contexts:
        _gl_contexts[process] = _create_gl_context()
    return _gl_contexts[process]


def _create_gl_context() -> _GlContext:
    if _BACKEND == backend.NO_BACKEND:
        raise RuntimeError(
            "no OpenGL library was found, or MUJOCO_GL turns rendering off or names one that is missing: "
            f"{backend.backend_advice()}"
        )
    load_triton_first()
    try:
        # Named here, not taken from `mujoco.gl_context`: that one was fixed if mujoco was imported before this module.
        module = importlib.import_module(f"mujoco.{_BACKEND}")
        # Images are drawn into framebuffers of their own, so the context's size does not matter.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GLFW's: what matters comes as an error
            context = cast("_GlContext", module.GLContext(64, 64))
        context.make_current()
    except Exception as error:  # PyOpenGL, ctypes, glfw and mujoco each raise their own classes here.
        raise RuntimeError(f"the {_BACKEND} backend cannot render ({error}): {backend.backend_advice()}") from error
    # Registered only now: what mujoco registered for its end while creating the context must run after this.
    atexit.register(_free_everything)
    return context


def _create_model_context(model: mujoco.MjModel) -> mujoco.MjrContext:
    try:
        return mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50.value)
    except mujoco.FatalError as error:  # GLFW without a display gets this far.
        raise RuntimeError(f"the {_BACKEND} backend cannot render ({error}): {backend.backend_advice()}") from error


def _free_everything() -> None:
    """Free in order while Python still can: destructors at exit find the libraries half gone."""
    if os.getpid() in _gl_contexts:
        for renderer in list(_open_renderers):
            renderer.close()
        _gl_contexts.pop(os.getpid()).free()


def _fixed_camera(model: mujoco.MjModel, name: str) -> mujoco.MjvCamera:
    identifier = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA.value, name)
    if identifier < 0:
        names = ", ".join(model.camera(i).name for i in range(model.ncam)) or "none"
        raise ValueError(f"no camera named {name!r} in the model; it has: {names}")
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FIXED.value
    camera.fixedcamid = identifier
    return camera
