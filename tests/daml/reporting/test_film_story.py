"""Laws of a film's story."""

from pathlib import Path

import numpy as np
import pytest

from daml import envs
from daml.demos import HumanDemo, Reading, Step, read_video
from daml.demos.reading.reading import ActingHand
from daml.deployment.guided_demo import guide
from daml.envs.tabletop import PERSON_VIEW
from daml.evaluation.film_judgement import AdaptOn, judge_film, understand
from daml.learners.prior import Prior
from daml.reporting import clips
from daml.reporting.film_story import write_film_story

pytestmark = pytest.mark.usefixtures("quick_retelling")


@pytest.fixture
def reading() -> Reading:
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[50:70, 30:50] = (200, 20, 20)
    picture[70:100, 90:130] = (20, 20, 200)
    outline = np.array([[30, 50], [50, 50], [50, 70], [30, 70]]) / (160, 120)
    put = np.array([[100, 80], [120, 80], [120, 95], [100, 95]]) / (160, 120)
    step = Step("pick-place", (0.25, 0.5), (0.68, 0.71), 0.2, 0.9, "right", outline, put, 0.9)
    hand = ActingHand(np.array([0.0, 1.0]), np.array([[0.2, 0.5], [0.7, 0.7]]))
    return Reading((step,), picture, (0.0, 0.0, 0.75, 1.0), hand, ((picture, picture),), 0.0)


@pytest.mark.parametrize(("adapt_on", "n_above"), [("retold", 3), ("raw", 2)])
def test_the_story_shows_film_scene_and_robot_as_the_evaluation_runs_it(
    adapt_on: AdaptOn,
    n_above: int,
    prior: Prior,
    reading: Reading,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(envs.TabletopEnv, "picture", lambda _self: np.zeros((*PERSON_VIEW, 3), np.uint8))
    monkeypatch.setattr(clips, "HUMAN_VIEW", 32)
    rows: list[list[str]] = []
    side_by_side = clips.side_by_side

    def note(panels: list[tuple[str, np.ndarray]]) -> np.ndarray:
        rows.append([caption for caption, _ in panels])
        return side_by_side(panels)

    monkeypatch.setattr("daml.reporting.film_story.side_by_side", note)
    film = HumanDemo(np.repeat(reading.clean_first_frame[None], 12, axis=0), 10.0)
    guided = guide(film, reading, size=(16, 16)) if adapt_on == "raw" else None
    understanding = understand(prior, reading, guided=guided, seed=3)

    verdicts = write_film_story(tmp_path / "story.mp4", prior, understanding, film=film, seed=3)

    assert [len(row) for row in rows] == [n_above, 2]
    assert rows[1][0].startswith("before adapting: ")
    assert verdicts.after == judge_film(understanding, rollouts=1, seed=3).episodes[0].verdict
    assert len(read_video(tmp_path / "story.mp4")) > 1
