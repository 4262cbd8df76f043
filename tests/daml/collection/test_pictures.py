"""Laws of the pictures that pretraining learns from."""

from pathlib import Path

import numpy as np
import pytest
import torch

from daml import envs
from daml.collection.pictures import Pictures, take_pictures
from daml.policies.tensor_trees import index_tensors
from daml.progress import Progress

TASKS = [envs.Task(kind, "train", index) for kind in envs.KINDS for index in (1, 2)]
OBJECTS = [envs.TASK_KINDS[task.kind].draw_objects(task) for task in TASKS]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return take_pictures(tmp_path_factory.mktemp("pictures"), TASKS, image_size=32, seed=0, workers=2)


def test_each_task_is_pictured_twice_in_layouts_of_its_own(pictures: Pictures):
    assert pictures.images.shape == (6, 2, 32, 32, 3)
    assert pictures.images.dtype == torch.uint8
    assert pictures.effector.shape == (6, 2, 2)
    assert not torch.equal(pictures.centres[:, 0], pictures.centres[:, 1])
    assert len({image.numpy().tobytes() for pair in pictures.images for image in pair}) == 12


def test_there_is_a_place_for_every_thing_and_fewer_things_leave_some_empty(pictures: Pictures):
    n_things = [len(objects.items) + len(objects.containers) + (objects.zone is not None) for objects in OBJECTS]

    assert len(set(n_things)) > 1
    assert pictures.centres.shape == (6, 2, max(n_things), 2)
    for n, classes, visible in zip(n_things, pictures.classes, pictures.visible, strict=True):
        assert (classes[:, :n] >= 0).all()
        assert (classes[:, n:] == -1).all()
        assert not visible[:, n:].any()


def test_classes_are_those_of_the_tasks_things(pictures: Pictures):
    for objects, classes in zip(OBJECTS, pictures.classes, strict=True):
        counts = [int((classes[0] == number).sum()) for number in range(len(envs.CLASSES))]
        assert envs.CLASSES == ("item", "container", "zone")
        assert counts == [len(objects.items), len(objects.containers), int(objects.zone is not None)]
        assert torch.equal(classes[0], classes[1]), "a thing has the same number in both pictures"


def test_seed_and_task_alone_decide_whatever_the_number_of_workers(pictures: Pictures, tmp_path: Path):
    some = take_pictures(tmp_path, [TASKS[5], TASKS[0]], image_size=32, seed=0, workers=1)
    other = take_pictures(tmp_path, TASKS[:1], image_size=32, seed=1)

    assert all(torch.equal(value, whole[[5, 0]]) for value, whole in zip(some, pictures, strict=True))
    assert not torch.equal(other.images, pictures.images[:1])


def test_only_what_is_not_there_whole_is_taken(tmp_path: Path):
    seen: list[Progress] = []

    def take() -> Pictures:
        seen.clear()
        return take_pictures(tmp_path, TASKS[:3], image_size=32, seed=0, observers=[seen.append])

    first = take()
    later = [Progress("pictures", n, 3, {"frames": 2 * n}) for n in (1, 2, 3)]
    assert seen == [Progress("pictures", 0, 3), *later]
    files = sorted(tmp_path.rglob("*.safetensors"))
    before = {file: file.stat().st_mtime_ns for file in files}
    files[0].write_bytes(files[0].read_bytes()[:100])

    again = take()

    assert seen == [Progress("pictures", 2, 3), Progress("pictures", 3, 3, {"frames": 2})]
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert all(file.stat().st_mtime_ns == before[file] for file in files[1:])


def test_taking_and_flattening_keep_each_picture_together(pictures: Pictures):
    flat = index_tensors(pictures, torch.tensor([5, 2])).flat(torch.device("cpu"))

    for row, (task, picture) in enumerate([(5, 0), (5, 1), (2, 0), (2, 1)]):
        for value, whole in zip(flat, pictures, strict=True):
            assert torch.equal(value[row], whole[task, picture])


def test_a_picture_is_the_environments(pictures: Pictures):
    first, _ = np.random.default_rng(
        (0, envs.KINDS.index(TASKS[4].kind), envs.SPLITS.index("train"), TASKS[4].index)
    ).integers(2**31, size=2)
    picture = envs.picture_scene(TASKS[4], seed=int(first), shows_human=True, image_size=32)

    assert np.array_equal(pictures.images[4, 0], picture.image)
    n = len(picture.classes)
    np.testing.assert_array_equal(pictures.centres[4, 0, :n], picture.centres)
    np.testing.assert_array_equal(pictures.visible[4, 0, :n], picture.visible)
    np.testing.assert_array_equal(pictures.effector[4, 0], picture.effector)
