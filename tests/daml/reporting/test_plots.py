"""Laws of the plots."""

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from daml.envs.tasks.judging import VERDICTS
from daml.reporting.comparison import arrange
from daml.reporting.plots import ENDINGS, plot_curves, plot_endings, plot_success
from daml.reporting.recorded_results import Curve, Outcome, RecordedResult

pytest.importorskip("matplotlib")

ROOT = Path("/runs")


def result(kind: str = "place", verdicts: tuple[str, ...] = ("success", "not_completed"), **settings: Any) -> Any:
    outcomes = tuple(Outcome(f"{kind}/test/{number}", number, verdict) for number, verdict in enumerate(verdicts))
    return RecordedResult(ROOT / "x.json", {"kind": kind, "prior": "p", **settings}, outcomes, 0.25, None, {})


def pixels(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


def n_pixels(picture: bytes, colour: str) -> int:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((pixels(picture) == wanted).all(axis=2).sum())


@pytest.mark.parametrize("plot", [plot_success, plot_endings])
def test_there_is_a_panel_for_each_kind_and_the_same_rows_give_the_same_bytes(plot: Any):
    one = plot(arrange([result()]))
    two = plot(arrange([result(), result("push"), result(control="no-demo")]))
    assert pixels(two).shape[1] > 1.4 * pixels(one).shape[1]
    assert plot(arrange([result()])) == one


def test_each_ending_takes_its_share():
    assert set(ENDINGS) == set(VERDICTS)
    colours = {verdict: colour for verdict, (_, colour) in ENDINGS.items()}
    quarter = plot_endings(arrange([result(verdicts=("success", "wrong_object", "wrong_object", "wrong_object"))]))
    ratio = n_pixels(quarter, colours["wrong_object"]) / n_pixels(quarter, colours["success"])
    assert 2.3 < ratio < 3.2  # the legend has both once


def test_runs_are_drawn_and_what_is_not_known_is_left_out():
    runs = [
        Curve(ROOT / name / "metrics.jsonl", {"loss": [(20, 3.0), (40, 2.0)], "gradient_norm": [(20, 1.0)]})
        for name in ("a", "b")
    ]
    drawn = plot_curves(runs, root=ROOT)
    assert drawn is not None
    assert pixels(drawn).std() > 1
    assert plot_curves([Curve(ROOT / "a" / "metrics.jsonl", {"gradient_norm": [(20, 1.0)]})], root=ROOT) is None
    assert plot_curves([], root=ROOT) is None


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[report\]'"):
        plot_success(arrange([result()]))
