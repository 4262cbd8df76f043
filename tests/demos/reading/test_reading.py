"""Laws of what a reading tells a program."""

import json

import numpy as np

from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand

STEP = Step(
    kind="push",
    item=(0.25, 0.5),
    destination=(0.75, 0.123456),
    start_s=1.0,
    end_s=2.34567,
    hand="left",
    outline=np.zeros((3, 2)),
    put_outline=np.zeros((3, 2)),
    confidence=0.87654,
)


def test_steps_are_written_as_shares_seconds_and_a_confidence():
    picture = np.zeros((4, 6, 3), np.uint8)
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    reading = Reading((STEP,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0)
    assert json.loads(json.dumps(reading.to_json())) == {
        "steps": [
            {
                "kind": "push",
                "item": [0.25, 0.5],
                "destination": [0.75, 0.1235],
                "start_s": 1.0,
                "end_s": 2.346,
                "confidence": 0.877,
            }
        ]
    }
