"""Laws of shots."""

import dataclasses

import numpy as np

from daml.envs.human_film import film_human
from daml.envs.shot import Shot
from daml.envs.tasks.task import Task


def test_a_shot_alone_decides_the_film():
    shot = Shot(Task("place", "train", 0), seed=1, image_size=16)
    first, again, other = (film_human(each)[0] for each in (shot, shot, dataclasses.replace(shot, seed=2)))

    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()
