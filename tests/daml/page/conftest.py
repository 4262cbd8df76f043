import numpy as np
import pytest

from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand


@pytest.fixture
def reading() -> Reading:
    """A blue square at (0.3, 0.5) of a grey picture, carried to (0.7, 0.6)."""
    square = np.array([[-0.05, -0.05], [0.05, -0.05], [0.05, 0.05], [-0.05, 0.05]])
    picture = np.full((120, 160, 3), 128, np.uint8)
    picture[54:66, 40:56] = (20, 40, 190)
    step = Step(
        kind="pick-place",
        item=(0.3, 0.5),
        destination=(0.7, 0.6),
        start_s=1.0,
        end_s=2.0,
        hand="right",
        outline=square + np.array([0.3, 0.5]),
        put_outline=square + np.array([0.7, 0.6]),
        confidence=0.8,
    )
    return Reading(
        steps=(step,),
        clean_first_frame=picture,
        crop=(0.1, 0.1, 0.9, 0.9),
        acting_hand=ActingHand(np.array([0.0, 1.0]), np.array([[0.3, 0.5], [0.7, 0.6]])),
        moments=((picture, picture),),
        camera_motion=0.0,
    )
