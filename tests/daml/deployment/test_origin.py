from typing import Any

import pytest

from daml.deployment.origin import Origin, read_origin


def test_what_is_noted_is_taken_in_and_the_rest_is_passed_over():
    noted = {"video": "a.mp4", "task": None, "start_s": 1, "fit": "pad", "versions": {"anything": [1]}}
    assert read_origin(noted, where="config.json") == Origin(video="a.mp4", start_s=1.0, fit="pad")
    assert read_origin({}, where="config.json") == Origin()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("video", value) for value in (5, ["a.mp4"], {"path": "a.mp4"}, True, "x" * 5000)),
        *(("task", value) for value in (0, ["place", "test", 0], {})),
        *(("start_s", value) for value in ("soon", -1, 1e300, [0], True)),
        *(("end_s", value) for value in ("late", -0.5, {})),
        *(("fit", value) for value in ("stretch", 1, None.__class__.__name__)),
    ],
)
def test_another_type_is_named_with_its_field(field: str, value: Any):
    with pytest.raises(ValueError, match=f"^p/config.json: provenance: {field}: ") as refused:
        read_origin({field: value}, where="p/config.json")
    assert len(str(refused.value)) < 300
