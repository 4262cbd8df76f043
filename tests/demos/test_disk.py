from pathlib import Path

import pytest

from daml.demos.disk import naming, written_whole


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("99 requested and 0 written")])
def test_an_error_without_a_name_gets_one(error: OSError):
    reason = error.strerror or str(error)
    with (
        pytest.raises(OSError, match=rf"^data/x: cannot be written \({reason}\); check the free space"),
        naming("data/x"),
    ):
        raise error


def test_an_error_with_a_name_and_other_errors_pass(tmp_path: Path):
    with pytest.raises(FileNotFoundError), naming("data/x"):
        (tmp_path / "none" / "file").write_text("")
    with pytest.raises(ZeroDivisionError), naming("data/x"):
        raise ZeroDivisionError


def test_a_file_appears_whole_and_keeps_its_suffix(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    path.write_text("before")
    with written_whole(path) as part:
        part.write_text("after")
        assert (part.parent, part.suffix, path.read_text()) == (tmp_path, ".mp4", "before")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("after", [path])


def test_a_folder_is_made_for_a_file(tmp_path: Path):
    with written_whole(tmp_path / "a" / "b" / "clip.mp4") as part:
        part.write_text("after")
    assert (tmp_path / "a" / "b" / "clip.mp4").read_text() == "after"


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(FileExistsError, match=f"{tmp_path / 'a'}'$"), written_whole(tmp_path / "a" / "clip.mp4"):
        pytest.fail("there is nowhere to write")


def test_a_file_that_fails_leaves_the_one_before(tmp_path: Path):
    path = tmp_path / "state"
    path.write_text("before")

    def fill(part: Path) -> None:
        part.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=f"^{path}: cannot be written"), written_whole(path) as part:
        fill(part)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("before", [path])
