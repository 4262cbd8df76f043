"""Laws of `daml doctor`."""

from pathlib import Path

import pytest

from daml import cli
from daml.app import diagnosis
from daml.app import doctor as module
from daml.app.diagnosis import BackendReport, Diagnosis


@pytest.mark.parametrize("advice", [(), ("nothing renders: install [libEGL]",)])
def test_all_that_was_found_is_shown(
    advice: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    frame = Path("f.png")
    works = BackendReport(name="egl", frame=frame, first_frame_s=1.0, frame_rate_hz=900.0, error="")
    fails = BackendReport(name="osmesa", frame=None, first_frame_s=None, frame_rate_hz=None, error="no [lib]")
    found = Diagnosis(
        versions={"torch": "2.13"},
        platform="Linux",
        cpu_count=2,
        devices=("cpu",),
        chosen_backend="egl",
        backends=(works, fails),
        advice=advice,
    )
    asked: list[Path] = []

    def diagnose(output: Path) -> Diagnosis:
        asked.append(output)
        return found

    monkeypatch.setattr(module, "diagnose", diagnose)
    cli.main(["doctor", "--output", str(tmp_path)])
    text = capsys.readouterr().out
    for word in ("torch", "2.13", "Linux", "egl (chosen)", "900 frames/s", "f.png", "osmesa", "no [lib]", *advice):
        assert word in text
    assert asked == [tmp_path]


@pytest.mark.parametrize(
    ("has_runtime", "has_models", "words"),
    [
        (False, False, "pip install 'daml-imitation[hands]'"),
        (True, False, "python -m daml.demos.hands"),
        (True, True, "yes"),
    ],
)
def test_it_says_whether_real_videos_can_be_read(
    monkeypatch: pytest.MonkeyPatch, *, has_runtime: bool, has_models: bool, words: str
):
    monkeypatch.setattr("daml.demos.hands.network.is_runtime_installed", lambda: has_runtime)
    monkeypatch.setattr("daml.demos.hands.models.are_models_installed", lambda: has_models)
    assert words in module._reads_videos()


def test_where_one_may_not_write_the_machine_is_examined_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(diagnosis, "probe_backend", lambda name, frame: diagnosis._failure(name, f"not tried: {frame}"))
    (tmp_path / "file").write_text("in the way")
    cli.main(["doctor", "--output", str(tmp_path / "file" / "doctor")])
    text = capsys.readouterr().out
    assert f"{tmp_path}/file/doctor: cannot be written" in text.replace("\n", "")
    assert "mujoco" in text
