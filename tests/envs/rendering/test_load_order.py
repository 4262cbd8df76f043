"""Laws of the order in which libraries are loaded."""

import ctypes
import sys
from pathlib import Path

import mujoco
import pytest

from daml.envs.rendering import renderer
from daml.envs.rendering.load_order import load_triton_first


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is loaded, and load nothing."""
    names: list[str] = []
    monkeypatch.setattr(ctypes, "CDLL", names.append)
    return names


def install_triton(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a package `triton` be found, with a library of the name that its own has."""
    library = folder / "triton" / "_C" / "libtriton.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"")
    (folder / "triton" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.delitem(sys.modules, "triton", raising=False)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return library


def test_tritons_library_is_loaded_and_triton_is_not_imported(
    loaded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    library = install_triton(tmp_path, monkeypatch)
    load_triton_first()
    assert loaded == [str(library)]
    assert "triton" not in sys.modules


def test_a_library_that_cannot_be_loaded_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    install_triton(tmp_path, monkeypatch)
    load_triton_first()  # an empty file is no library


def test_without_triton_nothing_is_loaded(loaded: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "triton", None)
    load_triton_first()
    assert loaded == []


def test_it_comes_before_the_first_picture(monkeypatch: pytest.MonkeyPatch):
    order: list[str] = []

    def refuse(name: str) -> None:
        order.append(name)
        raise RuntimeError("no driver")

    monkeypatch.setattr(renderer, "load_triton_first", lambda: order.append("triton"))
    monkeypatch.setattr(renderer.importlib, "import_module", refuse)
    monkeypatch.setattr(renderer, "_BACKEND", "egl")
    monkeypatch.setattr(renderer, "_gl_contexts", {})
    model = mujoco.MjModel.from_xml_string('<mujoco><worldbody><camera name="front"/></worldbody></mujoco>')
    drawing = renderer.OffscreenRenderer(8, 8)
    drawing.load(model)
    with pytest.raises(RuntimeError, match="cannot render"):
        drawing.render(mujoco.MjData(model), "front")
    assert order == ["triton", "mujoco.egl"]
