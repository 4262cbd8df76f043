"""Laws of the choice of a rendering backend."""

import os
import platform
import subprocess
import sys

import pytest

from daml.envs.rendering import backend

linux_only = pytest.mark.skipif(platform.system() != "Linux", reason="other systems have a single backend")


@pytest.fixture(autouse=True)
def unset_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MUJOCO_GL", "PYOPENGL_PLATFORM", "DISPLAY", "LP_NUM_THREADS"):
        # Set, then deleted: what `configure` sets in a test is undone after it as well.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def only(monkeypatch: pytest.MonkeyPatch, *available: str) -> None:
    """Make a machine that has just these backends."""
    probes = {name: (lambda has=name in available: has) for name in ("egl", "osmesa", "glfw")}
    monkeypatch.setattr(backend, "_PROBES", probes)


@pytest.mark.parametrize("requested", ["egl", "osmesa", "glfw", " OSMesa "])
@linux_only
def test_what_the_user_sets_is_kept(monkeypatch: pytest.MonkeyPatch, requested: str):
    only(monkeypatch)
    monkeypatch.setenv("MUJOCO_GL", requested)
    assert backend.choose_backend() == requested.lower().strip()


@pytest.mark.parametrize("requested", ["disable", "off", "0"])
def test_rendering_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, requested: str):
    monkeypatch.setenv("MUJOCO_GL", requested)
    assert backend.choose_backend() == backend.NO_BACKEND


@linux_only
def test_mujocos_own_words_for_a_window_mean_glfw(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MUJOCO_GL", "glx")
    assert backend.choose_backend() == "glfw"


def test_an_unknown_backend_is_refused_with_the_names_there_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MUJOCO_GL", "vulkan")
    with pytest.raises(ValueError, match=r"MUJOCO_GL=vulkan: expected one of .*glfw"):
        backend.choose_backend()


@pytest.mark.parametrize(
    ("available", "chosen"),
    [
        (("egl", "osmesa", "glfw"), "egl"),
        (("osmesa", "glfw"), "osmesa"),
        (("glfw",), "glfw"),
        ((), backend.NO_BACKEND),
    ],
)
@linux_only
def test_the_first_that_loads_is_chosen(monkeypatch: pytest.MonkeyPatch, available: tuple[str, ...], chosen: str):
    only(monkeypatch, *available)
    assert backend.choose_backend() == chosen


@linux_only
def test_the_choice_agrees_with_pyopengls_platform(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "egl", "osmesa")
    monkeypatch.setenv("PYOPENGL_PLATFORM", "osmesa")
    assert backend.choose_backend() == "osmesa"


@linux_only
def test_glfw_needs_a_display(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backend, "_PROBES", {"glfw": backend._PROBES["glfw"]})
    assert backend.choose_backend() == backend.NO_BACKEND
    monkeypatch.setenv("DISPLAY", ":0")
    assert backend.choose_backend() == "glfw"


@linux_only
def test_configuring_tells_mujoco_and_mesa_and_can_be_repeated(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "osmesa")
    assert backend.configure() == "osmesa"
    assert backend.configure() == "osmesa"
    assert os.environ["MUJOCO_GL"] == "osmesa"
    assert os.environ["LP_NUM_THREADS"] == "0"


@linux_only
def test_configuring_keeps_the_users_number_of_threads(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "egl")
    monkeypatch.setenv("LP_NUM_THREADS", "3")
    backend.configure()
    assert os.environ["LP_NUM_THREADS"] == "3"


@linux_only
def test_advice_is_one_line_that_names_the_packages():
    advice = backend.backend_advice()
    assert "\n" not in advice
    assert "sudo apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri" in advice


def test_this_machine_has_a_backend():
    assert backend.choose_backend() in backend.known_backends()


IMPORT_ORDERS = {
    "ours first": "import daml.envs.rendering.renderer",
    "mujoco first": "import mujoco; import daml.envs.rendering.renderer",
}


@pytest.mark.parametrize("imports", IMPORT_ORDERS.values(), ids=IMPORT_ORDERS.keys())
def test_rendering_works_whichever_is_imported_first(imports: str):
    program = f"""
{imports}
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><light pos='0 0 3'/><geom size='1'/><camera name='c' pos='0 0 3'/></worldbody></mujoco>"
)
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = daml.envs.rendering.renderer.OffscreenRenderer(32, 32)
renderer.load(model)
assert renderer.render(data, "c").max() > 0
"""
    environment = {key: value for key, value in os.environ.items() if key not in {"MUJOCO_GL", "PYOPENGL_PLATFORM"}}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    # Freed in order at exit: nothing is complained about.
    assert run.stderr == ""


@linux_only
def test_without_a_backend_importing_works_and_rendering_says_what_to_install():
    program = """
import daml.envs.rendering.renderer, mujoco
model = mujoco.MjModel.from_xml_string("<mujoco><worldbody><camera name='c'/></worldbody></mujoco>")
renderer = daml.envs.rendering.renderer.OffscreenRenderer(32, 32)
renderer.load(model)
try:
    renderer.render(mujoco.MjData(model), "c")
except RuntimeError as error:
    print(error)
"""
    environment = os.environ | {"MUJOCO_GL": "disable"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "MUJOCO_GL turns rendering off or names one that is missing: run `sudo apt-get install" in run.stdout
    assert run.stdout.count("\n") == 1


@linux_only
def test_without_its_library_osmesa_is_no_obstacle_to_what_draws_nothing(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "egl")
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert backend.configure() == backend.NO_BACKEND
    assert os.environ["MUJOCO_GL"] == backend.NO_BACKEND  # else importing mujoco would fail
    only(monkeypatch, "egl", "osmesa")
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert backend.configure() == "osmesa"


@linux_only
def test_asked_for_a_backend_whose_library_is_missing_the_program_says_so_in_one_line():
    program = (
        "import ctypes; load = ctypes.CDLL\n"
        "def refuse(name, *a, **k):\n"
        "    if 'OSMesa' in str(name): raise OSError('none')\n"
        "    return load(name, *a, **k)\n"
        "ctypes.CDLL = refuse\n"
        "from daml import envs\n"
        "env = envs.TabletopEnv(image_size=8)\n"
        "try: env.reset(seed=0)\n"
        "except RuntimeError as error: print(error)"
    )
    environment = os.environ | {"MUJOCO_GL": "osmesa"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert "MUJOCO_GL turns rendering off or names one that is missing: run `sudo apt-get install" in run.stdout
    assert run.stderr == ""
