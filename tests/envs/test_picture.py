"""Laws of the pictures: they show where their objects are."""

import numpy as np
import pytest

import envs

SIZE = 64
TASK = envs.Task("place", "train", 3)


def test_the_same_seed_takes_the_same_picture_and_another_seed_another():
    first, again, other = (envs.picture_objects(TASK, seed=seed, image_size=SIZE) for seed in (1, 1, 2))

    assert (first.image == again.image).all()
    assert (first.centres == again.centres).all()
    assert (first.image != other.image).any()


@pytest.mark.parametrize("seed", range(5))
def test_every_object_lies_within_the_picture(seed: int):
    picture = envs.picture_objects(TASK, seed=seed, image_size=SIZE)

    assert picture.image.shape == (SIZE, SIZE, 3)
    assert picture.centres.shape == (envs.n_targets(TASK), 2)
    assert np.abs(picture.centres).max() < 1


@pytest.mark.parametrize("index", range(6))
def test_an_object_looks_alike_where_two_pictures_say_it_is(index: int):
    task = envs.Task("place", "train", index)
    colours: list[np.ndarray] = []
    for seed in (1, 2):
        picture = envs.picture_objects(task, seed=seed, image_size=SIZE)
        columns, rows = ((picture.centres + 1) * SIZE / 2).astype(int).T
        patches = [
            picture.image[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1)) for x, y in zip(columns, rows, strict=True)
        ]
        colours.append(np.stack(patches) / np.linalg.norm(patches, axis=1, keepdims=True))
    likeness = colours[0] @ colours[1].T

    assert np.trace(likeness) > np.trace(np.roll(likeness, 1, axis=1))
