import copy

import numpy as np
import pytest
import torch

import envs
from daml.augmentation import AugmentationConfig
from daml.pretraining import Pictures, PretrainingConfig, pretrain, take_pictures
from policies.visuomotor import PolicyConfig, VisuomotorPolicy

POLICY = PolicyConfig(channels=(8, 8, 16, 16), n_points=4, bias_size=5, hidden_size=16, readout_size=8)
CONFIG = PretrainingConfig(steps=60, batch_tasks=8, learning_rate=5e-3)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """Two layouts of a red, a green and a blue square on grey for each of 16 tasks."""
    rng = np.random.default_rng(0)
    images = np.full((16, 2, 32, 32, 3), 90, dtype=np.uint8)
    places = np.array([(c, r) for r in (4, 14, 24) for c in (4, 14, 24)])
    centres = np.zeros((16, 2, 3, 2), dtype=np.float32)
    colors = 255 * np.eye(3, dtype=np.uint8)
    for task in range(16):
        for picture in range(2):
            for slot, (column, row) in enumerate(rng.permutation(places)[:3]):
                images[task, picture, row : row + 6, column : column + 6] = colors[slot]
                centres[task, picture, slot] = (np.array([column, row]) + 3) / 16 - 1
    return Pictures(torch.as_tensor(images), torch.as_tensor(centres))


def create_policy() -> VisuomotorPolicy:
    torch.manual_seed(0)
    return VisuomotorPolicy(POLICY)


def pretrained(pictures: Pictures, *, seed: int = 0) -> tuple[VisuomotorPolicy, list[float]]:
    policy, shares = create_policy(), list[float]()
    pretrain(
        policy,
        pictures,
        config=CONFIG,
        augmentation=AugmentationConfig(),
        seed=seed,
        observers=[lambda _, share: shares.append(share)],
    )
    return policy, shares


def test_the_trunk_learns_which_object_is_which(pictures: Pictures):
    _, shares = pretrained(pictures)

    assert len(shares) == CONFIG.steps
    assert np.mean(shares[-10:]) > 0.8


def locate_square(policy: VisuomotorPolicy, *, column: int) -> torch.Tensor:
    """Return the points' coordinates in a picture of one red square, `(P, 2)`."""
    image = torch.full((1, 3, 32, 32), 90 / 255)
    image[0, :, 13:19, column : column + 6] = torch.tensor([1.0, 0.0, 0.0])[:, None, None]
    with torch.no_grad():
        return policy.head.feature_points(policy.trunk(image)).unflatten(1, (-1, 2))[0]


def test_feature_points_are_drawn_to_objects(pictures: Pictures):
    moved: list[torch.Tensor] = []
    for policy in (create_policy(), pretrained(pictures)[0]):
        offset = locate_square(policy, column=24) - locate_square(policy, column=2)
        moved.append(offset[:, 0].median())

    assert moved[1] > 0.2 > moved[0]


def test_only_trunk_and_feature_points_change(pictures: Pictures):
    before = create_policy().state_dict()
    policy, _ = pretrained(pictures)

    changed = {name for name, value in policy.state_dict().items() if not torch.equal(value, before[name])}
    assert all(name.startswith("trunk.") or name == "head.feature_points.weight" for name in changed)
    assert "head.feature_points.weight" in changed


def test_the_same_seed_gives_the_same_policy(pictures: Pictures):
    first, second = (pretrained(pictures, seed=1)[0].state_dict() for _ in range(2))

    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_global_randomness_is_left_alone(pictures: Pictures):
    policy = create_policy()
    before = copy.deepcopy(torch.get_rng_state())
    config = PretrainingConfig(steps=1, batch_tasks=4)
    pretrain(policy, pictures, config=config, augmentation=AugmentationConfig(), seed=0)

    assert torch.equal(torch.get_rng_state(), before)


def test_pictures_show_the_objects_of_each_task_twice():
    tasks = [envs.Task("place", "train", index) for index in range(2)]

    pictures = take_pictures(tasks, image_size=32, seed=0)
    again = take_pictures(tasks, image_size=32, seed=0)

    assert pictures.images.shape == (2, 2, 32, 32, 3)
    assert pictures.centres.shape == (2, 2, 3, 2)
    assert pictures.centres.abs().max() < 1
    assert torch.equal(pictures.images, again.images)
    assert not torch.equal(pictures.centres[:, 0], pictures.centres[:, 1])
