"""Laws of `scripts/reproduce.sh`, with a `daml` that notes what it is told and writes what it would."""

import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tyro

from daml import cli, envs
from daml.evaluation.controls import CONTROLS
from daml.learners.config import PriorConfig
from daml.learners.methods import LEARNERS
from daml.training.meta_training_config import MetaTrainingConfig

ROOT = Path(__file__).parents[1]

FAKE_DAML = """#!/usr/bin/env bash
set -euo pipefail
printf '%s\\n' "$*" >>commands.txt
output=''
for word in "$@"; do
    if [ "$output" = next ]; then output="$word"; fi
    if [ "$word" = --output ]; then output=next; fi
done
if [[ "$*" == *"$(cat failing.txt)"* ]]; then echo 'daml: error: no such luck' >&2; exit 2; fi
if [ "$1" = train ]; then mkdir -p "$output/best"; fi
if [ "$1" = evaluate ]; then
    mkdir -p "$(dirname "$output")" && echo '{}' >"$output"
fi
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with nothing but the script, a setup that does nothing, and the fake."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "reproduce.sh", tmp_path / "scripts")
    (tmp_path / "scripts" / "setup.sh").write_text(
        'setup() { :; }\ndie() { echo "$*" >&2; exit 1; }\n', encoding="utf-8"
    )
    (tmp_path / "failing.txt").write_text("nothing fails", encoding="utf-8")
    daml = tmp_path / ".venv" / "bin" / "daml"
    daml.parent.mkdir(parents=True)
    daml.write_text(FAKE_DAML, encoding="utf-8")
    daml.chmod(0o755)
    return tmp_path


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(project / "scripts" / "reproduce.sh"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=project.parent)


def commands(project: Path) -> list[list[str]]:
    """Return what the fake has been told since the last time."""
    path = project / "commands.txt"
    told = [shlex.split(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return told


def judged(told: list[list[str]]) -> list[tuple[str, str]]:
    return [
        (words[words.index("--control") + 1], words[words.index("--shift") + 1])
        for words in told
        if words[0] == "evaluate"
    ]


def test_it_trains_judges_every_control_and_every_shift_and_reports(project: Path):
    ended = run(project, "--quick")
    assert ended.returncode == 0, ended.stderr
    told = commands(project)
    assert [words[0] for words in told[:2]] == ["collect", "train"]
    assert told[-1] == ["report", "runs/reproduce-quick"]
    expected = {(control, "none") for control in [*CONTROLS, "expert"]} | {("none", shift) for shift in envs.SHIFTS}
    assert sorted(judged(told)) == sorted([*expected, ("none", "none")])  # once with three videos
    assert sum("--shots" in words for words in told) == 1
    assert all("runs/reproduce-quick/prior/best" in words for words in told if words[0] == "evaluate")
    for part in ("training", "judging", "reporting", "everything"):
        assert re.search(rf"== {part} took \d", ended.stdout)


def test_as_many_are_judged_at_a_time_as_there_are_cores(project: Path, monkeypatch: pytest.MonkeyPatch):
    programs = {
        "nproc": 'echo "${OMP_NUM_THREADS:-4}"',  # as the real one counts
        "xargs": f'echo "$*" >>xargs.txt; exec {shutil.which("xargs")} "$@"',
    }
    (project / "bin").mkdir()
    for name, text in programs.items():
        (project / "bin" / name).write_text(f"#!/usr/bin/env bash\n{text}\n", encoding="utf-8")
        (project / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{project / 'bin'}:{os.environ['PATH']}")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert run(project).returncode == 0
    assert (project / "xargs.txt").read_text(encoding="utf-8").startswith("-P 4 ")


def test_what_is_there_is_kept(project: Path):
    run(project)
    first = commands(project)
    (project / "runs" / "reproduce" / "results" / "none-light.json").unlink()
    assert run(project).returncode == 0
    again = commands(project)
    assert [words[0] for words in first].count("train") == 1
    assert (judged(again), [words[0] for words in again]) == ([("none", "light")], ["evaluate", "report"])


def test_a_prior_that_is_given_is_not_trained(project: Path):
    assert run(project, "--prior", "tabletop", "elsewhere").returncode == 0
    told = commands(project)
    assert {words[0] for words in told} == {"evaluate", "report"}
    assert all(words[words.index("--prior") + 1] == "tabletop" for words in told if words[0] == "evaluate")
    assert told[-1] == ["report", "elsewhere"]


def test_a_prior_that_is_given_is_not_compared_with_what_is_trained_here(project: Path):
    ended = run(project, "--prior", "tabletop", "--baselines")
    assert ended.returncode != 0
    assert "must be trained on the same data" in ended.stderr
    assert commands(project) == []


def test_baselines_are_trained_on_the_same_demonstrations_and_judged_on_the_same_tasks(project: Path):
    cache = project / "runs" / "reproduce" / "cached-clips"
    cache.mkdir(parents=True)
    run(project, "--baselines")
    told = commands(project)
    assert all(
        "--cached-clips-folder runs/reproduce/cached-clips" in " ".join(words) for words in told if words[0] == "train"
    )
    assert not cache.exists()
    methods = [words[words.index("--method") + 1] for words in told if words[0] == "train"]
    assert sorted(methods) == sorted(LEARNERS)
    assert {words[words.index("--dataset") + 1] for words in told if words[0] == "train"} == {"runs/reproduce/dataset"}
    priors = {words[words.index("--prior") + 1] for words in told if words[0] == "evaluate"}
    assert priors == {"runs/reproduce/prior/best"} | {
        f"runs/reproduce/baselines/{method}/best" for method in methods if method != "daml"
    }


def test_ablations_change_one_thing_each_and_share_the_trunk_where_they_can(project: Path):
    pretrained = project / "runs" / "reproduce" / "prior" / "pretrained"
    pretrained.mkdir(parents=True)
    (pretrained / "weights").write_text("of the prior")
    assert run(project, "--ablations", "--", "--seed", "3", "--pretraining.steps", "9").returncode == 0
    told = commands(project)
    trained = {words[words.index("--output") + 1]: words for words in told if words[0] == "train"}
    plain = trained.pop("runs/reproduce/prior")
    extra = {name: [word for word in words if word not in [*plain, name]] for name, words in trained.items()}
    assert extra["runs/reproduce/ablations/tasks-30"] == ["--tasks-per-kind", "30"]
    assert len({" ".join(options) for options in extra.values()}) == len(extra) > 8
    assert all(extra.values())
    unshared = {name for name in trained if not (project / name / "pretrained" / "weights").exists()}
    assert unshared == {f"runs/reproduce/ablations/{name}" for name in ("little-pretraining", "another-seed")}
    priors = {words[words.index("--prior") + 1] for words in told if words[0] == "evaluate"}
    assert priors == {f"{name}/best" for name in ["runs/reproduce/prior", *trained]}


def test_trainings_beside_each_other_are_the_same_and_told_of_in_a_file_each(project: Path):
    run(project, "--baselines", "--ablations")
    one_at_a_time = commands(project)
    ended = run(project, "--baselines", "--ablations", "--jobs", "3", "runs/beside")
    assert ended.returncode == 0, ended.stderr
    beside = [" ".join(words).replace("runs/beside", "runs/reproduce") for words in commands(project)]
    assert sorted(beside) == sorted(" ".join(words) for words in one_at_a_time)
    assert ended.stdout.count("== training baselines/lstm took") == 1
    assert (project / "runs" / "beside" / "baselines" / "lstm.log").read_text(encoding="utf-8")


def test_a_training_that_fails_beside_others_ends_it(project: Path):
    (project / "failing.txt").write_text("--method lstm", encoding="utf-8")
    ended = run(project, "--baselines", "--jobs", "2")
    assert ended.returncode != 0
    assert "daml: error: no such luck" in ended.stderr
    told = commands(project)
    assert "evaluate" not in [words[0] for words in told]
    (project / "failing.txt").write_text("nothing fails", encoding="utf-8")
    assert run(project, "--baselines", "--jobs", "2").returncode == 0
    again = [words[words.index("--method") + 1] for words in commands(project) if words[0] == "train"]
    assert again == ["lstm"]


def test_controls_and_shifted_worlds_are_left_out_if_asked(project: Path):
    assert run(project, "--baselines", "--no-controls").returncode == 0
    told = [words for words in commands(project) if words[0] == "evaluate"]
    assert set(judged(told)) == {("none", "none")}
    assert not any("--shots" in words for words in told)
    assert len(told) == len(LEARNERS)


def test_only_what_is_named_is_compared(project: Path):
    assert run(project, "--baselines", "--ablations", "--only", "bc another-seed", "--no-controls").returncode == 0
    told = commands(project)
    outputs = {Path(words[words.index("--output") + 1]).name for words in told if words[0] == "train"}
    assert outputs == {"prior", "bc", "another-seed"}
    assert sum(words[0] == "evaluate" for words in told) == 3
    ended = run(project, "--baselines", "--only", "bcc")
    assert ended.returncode != 0
    assert "there is no bcc; valid: contextual lstm" in ended.stderr
    ended = run(project, "--only", "bc")
    assert ended.returncode != 0
    assert "--only: chooses among what --baselines and --ablations add" in ended.stderr


def test_one_kind_of_task_and_options_for_every_training(project: Path):
    words = ["--baselines", "--task", "place", "--train-tasks", "700", "some", "--", "--steps", "1500"]
    assert run(project, *words).returncode == 0
    told = commands(project)
    assert all(line[-2:] == ["--steps", "1500"] for line in told if line[0] == "train")
    assert all(line[line.index("--task") + 1] == "place" for line in told if line[0] == "evaluate")
    collected = next(line for line in told if line[0] == "collect")
    assert collected == ["collect", "--output", "some/dataset", "--kinds", "place", "--train-tasks", "700"]
    assert told[-1] == ["report", "some"]


def test_what_was_made_with_other_options_is_not_taken_for_it(project: Path):
    run(project, "some")
    commands(project)
    ended = run(project, "some", "--", "--seed", "1")
    assert ended.returncode != 0
    assert "some holds what was made with: prior trained here, 680 training tasks of all" in ended.stderr
    assert run(project, "--quick", "some").returncode != 0
    assert commands(project) == []


def test_every_ablation_is_a_setting_that_a_prior_is_read_back_with(project: Path):
    run(project, "--ablations")
    trained = [words for words in commands(project) if words[0] == "train" and "ablations" in " ".join(words)]
    for words in trained:
        options = words[words.index("--output") + 2 :]
        config = tyro.cli(MetaTrainingConfig, args=_own(options)).prior
        assert PriorConfig.from_json(json.loads(json.dumps(dataclasses.asdict(config)))) == config
    assert any("--prior.inner-steps 0" in " ".join(words) for words in trained)


def _own(options: list[str]) -> list[str]:
    """Leave out the options that are not settings of meta-training."""
    names = ("--tasks-per-kind", "--trunk")
    return [] if options[0] in names else options


def test_a_failure_is_shown_and_ends_it(project: Path):
    (project / "failing.txt").write_text("--shift camera", encoding="utf-8")
    ended = run(project)
    assert ended.returncode != 0
    assert "daml: error: no such luck" in ended.stderr
    assert "report" not in [words[0] for words in commands(project)]
    assert not (project / "runs" / "reproduce" / "results" / "none-camera.json").exists()


def test_an_option_that_is_none_is_refused(project: Path):
    ended = run(project, "--quik")
    assert ended.returncode != 0
    assert "unknown option --quik" in ended.stderr


def test_every_option_it_gives_exists(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    run(project, "--quick", "--baselines", "--ablations", "--task", "place", "--train-tasks", "2")
    options: dict[str, set[str]] = {}
    for words in commands(project):
        options.setdefault(words[0], set()).update(word for word in words if word.startswith("--"))
    monkeypatch.setenv("COLUMNS", "300")
    for command, given in options.items():
        monkeypatch.setattr(sys, "argv", ["daml", command, "--help"])
        with pytest.raises(SystemExit):
            cli.main()
        text = capsys.readouterr().out
        assert [option for option in given if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text)] == []
