from pathlib import Path

import pytest

from demos.disk import naming


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
