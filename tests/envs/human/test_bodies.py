"""Laws of the baked bodies: whole, human, and held out as wholes."""

import numpy as np
import pytest

from daml.envs.human.bodies import (
    ARM_BONES,
    FINGERS,
    PHALANGES,
    Mesh,
    anatomy,
    body_numbers,
    find_body,
    split_of,
)
from daml.envs.tasks.task import SPLITS

ALL = sorted(number for split in SPLITS for number in body_numbers(split))


def test_every_body_belongs_to_one_split_and_every_split_has_some():
    np.testing.assert_array_equal(ALL, np.arange(len(ALL)))
    assert len(ALL) >= 50
    for split in SPLITS:
        assert len(body_numbers(split)) >= 8
        assert all(split_of(number) == split for number in body_numbers(split))


def test_unknown_splits_and_bodies_are_refused():
    with pytest.raises(ValueError, match="valid splits"):
        body_numbers("holdout")
    with pytest.raises(ValueError, match="expected 0 to"):
        find_body(len(ALL))


@pytest.mark.parametrize("part", ["arm", "trunk"])
def test_weights_are_shares_and_faces_use_all_vertices(part: str):
    mesh: Mesh = getattr(anatomy(), part)
    np.testing.assert_allclose(mesh.weights.sum(axis=1), 1.0)
    assert (mesh.weights >= 0).all()
    np.testing.assert_array_equal(np.unique(mesh.faces), np.arange(len(mesh.weights)))
    assert len(getattr(find_body(0), part)) == len(mesh.weights)


def test_bodies_differ_in_size_as_children_and_grown_people_do():
    palms = [find_body(number).palm_length for number in ALL]
    assert min(palms) < 0.08
    assert max(palms) > 0.105
    shapes = np.stack([find_body(number).arm for number in ALL])
    assert len(np.unique(shapes.round(6), axis=0)) == len(ALL)


@pytest.mark.parametrize("number", ALL[::7])
def test_a_body_is_put_together_as_a_right_arm_is(number: int):
    body = find_body(number)
    place = dict(zip(ARM_BONES, body.joints, strict=True))
    shoulder, elbow, wrist = place["upper_arm"], place["forearm"], place["hand"]
    assert (body.joints[:, 1] < 0).all()
    assert shoulder[2] > elbow[2] > wrist[2]
    assert 0.7 < np.linalg.norm(wrist - elbow) / np.linalg.norm(elbow - shoulder) < 1.1
    # Each phalanx is nearer to the tip than the one before it.
    for number_of_finger, finger in enumerate(FINGERS):
        gaps = [np.linalg.norm(body.tips[number_of_finger] - place[f"{finger}{joint}"]) for joint in (1, 2, 3)]
        assert gaps[0] > gaps[1] > gaps[2] > 0.005
    np.testing.assert_allclose(np.linalg.norm(body.flexion_axes, axis=1), 1, atol=1e-5)
    assert body.flexion_axes.shape == (len(PHALANGES), 3)


def test_texture_coordinates_run_from_the_shoulder_to_the_fingertips():
    common, body = anatomy(), find_body(0)
    along = common.texcoords[:, 0]
    assert ((common.texcoords >= 0) & (common.texcoords <= 1)).all()
    tips = [np.linalg.norm(body.arm - tip, axis=1).argmin() for tip in body.tips]
    assert (along[tips] > 0.9).all()
    assert along[np.linalg.norm(body.arm - body.joints[0], axis=1).argmin()] < 0.15
    assert abs(along[np.linalg.norm(body.arm - body.joints[3], axis=1).argmin()] - 0.5) < 0.06
    assert (common.texcoords[common.pads, 1] < 0.3).all()
