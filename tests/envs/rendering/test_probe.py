"""Laws of the rendering probe."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml.envs.rendering import probe


def test_the_probe_draws_a_frame_and_says_how_long_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    frame = tmp_path / "frame.png"
    probe.main(frame)
    with Image.open(frame) as image:
        assert image.size == (640, 480)
        assert np.asarray(image).std() > 10
    timing = json.loads(capsys.readouterr().out)
    assert timing["first_frame_s"] > 0
    assert timing["frame_rate_hz"] > 10
