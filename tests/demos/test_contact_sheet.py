from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml.demos import HumanDemo, contact_sheet, write_picture


def demo(n_frames: int, height: int = 40, width: int = 60) -> HumanDemo:
    levels = np.linspace(60, 250, n_frames).round()
    return HumanDemo(np.broadcast_to(levels[:, None, None, None], (n_frames, height, width, 3)).astype(np.uint8), 10.0)


@pytest.mark.parametrize(("n_frames", "n_shown"), [(30, 12), (5, 5), (2, 2)])
def test_it_shows_the_first_and_the_last_frame_and_some_between(n_frames: int, n_shown: int):
    sheet = contact_sheet(demo(n_frames))
    plain = sheet[(sheet == sheet[..., :1]).all(axis=2)][:, 0]
    levels, counts = np.unique(plain, return_counts=True)
    shown = levels[(counts > 10_000) & (levels >= 60)]  # the inks of the times, and their edges, are rarer
    assert len(shown) == n_shown
    assert (shown.min(), shown.max()) == (60, 250)


@pytest.mark.parametrize(("height", "width"), [(1, 700), (700, 1), (37, 53)])
def test_any_size_is_laid_out(height: int, width: int):
    assert min(contact_sheet(demo(4, height, width)).shape[:2]) > 0


def test_a_picture_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "new" / "sheet.png"
    picture = contact_sheet(demo(4))
    write_picture(path, picture)
    with Image.open(path) as read:
        np.testing.assert_array_equal(np.asarray(read), picture)
    before = path.read_bytes()

    def fail(_self: Image.Image, part: Path, **_: object):
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="No space"):
        write_picture(path, picture[:10])
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["sheet.png"]
