"""Laws of the doctor."""

import sys
from pathlib import Path

import pytest

from daml import __version__
from daml.app import diagnosis as doctor
from daml.envs.rendering import backend


@pytest.fixture(scope="module")
def diagnosis(tmp_path_factory: pytest.TempPathFactory) -> doctor.Diagnosis:
    return doctor.diagnose(tmp_path_factory.mktemp("doctor") / "made" / "when missing")


def test_a_frame_is_written_for_each_backend_that_works(diagnosis: doctor.Diagnosis):
    assert {report.name for report in diagnosis.backends} == set(backend.known_backends())
    working = [report for report in diagnosis.backends if report.works]
    assert working, "nothing renders on this machine"
    for report in working:
        assert report.frame is not None
        assert report.frame.name == f"frame_{report.name}.png"
        assert report.frame.read_bytes().startswith(b"\x89PNG")
        assert report.frame_rate_hz is not None
        assert report.frame_rate_hz > 0
        assert report.error == ""


def test_a_backend_that_fails_says_why_in_one_line(diagnosis: doctor.Diagnosis):
    for report in diagnosis.backends:
        if not report.works:
            assert report.error
            assert "\n" not in report.error


def test_versions_and_devices_are_those_in_use(diagnosis: doctor.Diagnosis):
    assert diagnosis.versions["daml"] == __version__
    assert diagnosis.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "missing" not in diagnosis.versions.values()
    assert diagnosis.devices[0] == "cpu"
    assert diagnosis.cpu_count >= 1


def test_the_chosen_backend_works_and_so_there_is_no_advice(diagnosis: doctor.Diagnosis):
    assert diagnosis.chosen_backend in {report.name for report in diagnosis.backends if report.works}
    assert diagnosis.advice == ()


def test_a_backend_that_takes_its_process_down_does_not_take_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -ABRT $$\n")
    python.chmod(0o755)
    monkeypatch.setattr(doctor.sys, "executable", str(python))
    report = doctor.probe_backend("egl", tmp_path / "frame.png")
    assert not report.works
    assert "SIGABRT" in report.error


def test_a_backend_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 30\n")
    python.chmod(0o755)
    monkeypatch.setattr(doctor.sys, "executable", str(python))
    monkeypatch.setattr(doctor, "_PROBE_TIMEOUT_S", 0.2)
    assert "within" in doctor.probe_backend("egl", tmp_path / "frame.png").error


def test_a_frame_of_an_earlier_run_does_not_count(tmp_path: Path):
    frame = tmp_path / "frame.png"
    frame.write_bytes(b"old")
    assert not doctor.probe_backend("disable", frame).works
    assert not frame.exists()


def test_when_nothing_renders_the_advice_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "probe_backend", lambda name, _: doctor._failure(name, "no library"))
    advice = doctor.diagnose(tmp_path).advice
    assert advice == (f"nothing renders: {backend.backend_advice()}",)


def test_when_the_chosen_backend_fails_the_advice_names_one_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def probe(name: str, frame: Path) -> doctor.BackendReport:
        if name == "egl":
            return doctor._failure(name, "no device")
        return doctor.BackendReport(name=name, frame=frame, first_frame_s=0.1, frame_rate_hz=900.0, error="")

    monkeypatch.setenv("MUJOCO_GL", "egl")
    monkeypatch.setattr(doctor.backend, "known_backends", lambda: ("egl", "osmesa"))
    monkeypatch.setattr(doctor, "probe_backend", probe)
    assert doctor.diagnose(tmp_path).advice == ("egl is chosen but draws nothing: set MUJOCO_GL=osmesa",)


def test_a_missing_library_is_reported_not_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "probe_backend", lambda name, _: doctor._failure(name, "not tried"))
    monkeypatch.setattr(doctor, "_DISTRIBUTIONS", {"av": "no-such-distribution-of-ours"})
    diagnosis = doctor.diagnose(tmp_path)
    assert diagnosis.versions["av"] == "missing"
    assert any("pip install no-such-distribution-of-ours" in line for line in diagnosis.advice)


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="no permission to write there"):
        doctor.diagnose(tmp_path)
