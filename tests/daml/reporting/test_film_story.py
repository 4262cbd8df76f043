"""Laws of a film's story."""

from pathlib import Path

import numpy as np
import pytest

from daml import envs
from daml.demos import HumanDemo, Reading, read_video
from daml.deployment.guided_demo import guide
from daml.envs.tabletop import PERSON_VIEW
from daml.evaluation.film_judgement import AdaptOn, judge_film, understand
from daml.learners.prior import Prior
from daml.reporting import clips
from daml.reporting.film_story import write_film_story

pytestmark = pytest.mark.usefixtures("quick_retelling")


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
