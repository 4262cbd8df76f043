import copy
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from daml.batches.augmentation import AugmentationConfig
from daml.collection.pictures import Pictures
from daml.policies.head import PolicyConfig
from daml.policies.vision.feature_map import N_CLASSES, FeatureMap, grid
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy
from daml.progress import Observer, Progress
from daml.training import pretraining as module
from daml.training.pretraining import ABSENT_RADIUS, SHOWN_RADIUS, PretrainingConfig, measure_trunk, pretrain

POLICY = PolicyConfig(channels=(8, 8, 16, 16), n_points=6, bias_size=5, hidden_size=16, readout_size=8)
STEPS = 120
AUGMENTATION = AugmentationConfig()
SIZE, SHAPE = 48, (12, 12)
"""Height and width of an image, and of its map."""

COLORS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
"""Of item, container, zone and effector."""


def draw_pictures(n_tasks: int, *, seed: int) -> Pictures:
    """Draw two pictures of a red, a green, a blue and a white square on grey for each task."""
    rng = np.random.default_rng(seed)
    images = np.full((n_tasks, 2, SIZE, SIZE, 3), 90, dtype=np.uint8)
    middles = np.zeros((n_tasks, 2, 4, 2), dtype=np.float32)
    places = np.array([(column, row) for row in (4, 20, 36) for column in (4, 20, 36)])
    for task in range(n_tasks):
        for picture in range(2):
            corners = rng.permutation(places)[:4] + rng.integers(-2, 3, size=(4, 2))
            for color, (column, row) in zip(COLORS, corners, strict=True):
                images[task, picture, row : row + 8, column : column + 8] = color
            middles[task, picture] = (corners + 4) / (SIZE / 2) - 1
    return Pictures(
        images=torch.as_tensor(images),
        centres=torch.as_tensor(middles[:, :, :3]),
        classes=torch.arange(3).expand(n_tasks, 2, 3),
        visible=torch.ones(n_tasks, 2, 3, dtype=torch.bool),
        effector=torch.as_tensor(middles[:, :, 3]),
    )


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return draw_pictures(16, seed=0)


def create_policy() -> VisuomotorPolicy:
    torch.manual_seed(0)
    return VisuomotorPolicy(POLICY)


def pretrained(
    pictures: Pictures,
    *,
    seed: int = 0,
    steps: int = 3,
    augmentation: AugmentationConfig = AUGMENTATION,
    **settings: float,
) -> tuple[VisuomotorPolicy, list[float]]:
    policy, shares = create_policy(), list[float]()
    config = PretrainingConfig(steps=steps, batch_tasks=8, learning_rate=1e-2, **settings)
    watch = [lambda progress: shares.append(progress.figures["recognised"])]
    pretrain(policy, pictures, config=config, augmentation=augmentation, seed=seed, observers=watch)
    return policy, shares


@pytest.fixture(scope="module")
def learned(pictures: Pictures) -> tuple[VisuomotorPolicy, list[float]]:
    return pretrained(pictures, steps=STEPS, recolor_probability=0.0)  # here a class is a colour


def test_the_trunk_learns_which_thing_is_which_and_where(learned: tuple[VisuomotorPolicy, list[float]]):
    policy, shares = learned
    new = draw_pictures(8, seed=1)

    before, after = (measure_trunk(candidate, new, batch_tasks=3) for candidate in (create_policy(), policy))

    assert len(shares) == STEPS
    assert np.mean(shares[-10:]) > 0.8
    assert after.recognised > 0.8
    assert after.middle_error < before.middle_error
    assert after.effector_error < 0.3 * before.effector_error


def test_the_trunk_alone_changes(pictures: Pictures):
    before = create_policy().state_dict()
    policy, _ = pretrained(pictures)

    changed = {name for name, value in policy.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name in before if name.startswith("trunk.")}


def test_no_steps_change_nothing(pictures: Pictures):
    before = create_policy().state_dict()
    policy, shares = pretrained(pictures, steps=0)

    assert shares == []
    assert all(torch.equal(value, before[name]) for name, value in policy.state_dict().items())


def test_the_same_seed_gives_the_same_policy(pictures: Pictures):
    first, second, other = (pretrained(pictures, seed=seed)[0].state_dict() for seed in (1, 1, 2))

    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert not torch.equal(first["trunk.locators.weight"], other["trunk.locators.weight"])


class _StoppedError(Exception):
    """What stops pretraining."""


def _stop_at(number: int) -> Observer:
    def observe(progress: Progress) -> None:
        if progress.done == number:
            raise _StoppedError

    return observe


def test_pretraining_that_was_stopped_goes_on_exactly(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SAVE_EVERY", 2)
    config = PretrainingConfig(steps=6, batch_tasks=4)
    whole, stopped, other = create_policy(), create_policy(), create_policy()
    go_on = partial(
        pretrain, pictures=pictures, config=config, augmentation=AUGMENTATION, seed=0, state_folder=tmp_path / "state"
    )
    seen: list[Progress] = []

    pretrain(whole, pictures, config=config, augmentation=AUGMENTATION, seed=0)
    with pytest.raises(_StoppedError):
        go_on(stopped, observers=[_stop_at(5)])
    go_on(other, observers=[seen.append])

    assert [progress[:3] for progress in seen] == [("pretraining", 5, 6), ("pretraining", 6, 6)]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


@pytest.mark.parametrize("wrong", [{"steps": -1}, {"tasks": 0}, {"batch_tasks": 0}, {"placing_share": -0.1}])
def test_numbers_too_small_are_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: expected at least"):
        PretrainingConfig(**wrong)  # pyright: ignore[reportArgumentType] - a table


def test_a_trunk_that_lost_all_it_had_learned_is_not_kept(pictures: Pictures, tmp_path: Path):
    policy = create_policy()
    with torch.no_grad():
        policy.trunk.locators.bias.fill_(torch.nan)

    with pytest.raises(FloatingPointError, match=r"lost the weights .* use a lower learning rate"):
        pretrain(
            policy,
            pictures,
            config=PretrainingConfig(steps=1, batch_tasks=4),
            augmentation=AUGMENTATION,
            seed=0,
            state_folder=tmp_path / "state",
        )
    assert not (tmp_path / "state").exists()


def test_how_often_colours_change_is_pretrainings_own_choice(pictures: Pictures):
    never, always = (AugmentationConfig(recolor_probability=probability) for probability in (0.0, 1.0))
    first, second = (pretrained(pictures, augmentation=config)[0].state_dict() for config in (never, always))
    other = pretrained(pictures, augmentation=never, recolor_probability=0.0)[0].state_dict()

    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert not torch.equal(first["trunk.locators.weight"], other["trunk.locators.weight"])


def test_global_randomness_is_left_alone(pictures: Pictures):
    policy = create_policy()
    before = copy.deepcopy(torch.get_rng_state())
    config = PretrainingConfig(steps=1, batch_tasks=4)
    pretrain(policy, pictures, config=config, augmentation=AugmentationConfig(), seed=0)

    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("batch_tasks", [3, 16])
def test_a_trunk_that_locates_nothing_errs_by_the_things_places(pictures: Pictures, batch_tasks: int):
    figures = measure_trunk(create_policy(), pictures, batch_tasks=batch_tasks)

    places = grid(*SHAPE, like=pictures.centres)
    to_nearest = (pictures.centres[..., None, :] - places).norm(dim=-1).min(-1).values
    assert figures.middle_error == pytest.approx(to_nearest.median().item(), abs=1e-5)
    assert figures.effector_error == pytest.approx(pictures.effector.norm(dim=-1).median().item(), abs=1e-5)


def test_what_is_hidden_or_outside_is_not_measured(pictures: Pictures):
    policy = create_policy()
    visible, effector, centres = pictures.visible.clone(), pictures.effector.clone(), pictures.centres.clone()
    visible[:, :, 1:] = False
    effector[:, 1] = 7.0
    figures = measure_trunk(policy, pictures._replace(visible=visible, effector=effector))
    centres[:, :, 1:] += 0.05

    assert figures == measure_trunk(policy, pictures._replace(visible=visible, effector=effector, centres=centres))
    assert figures.effector_error == pytest.approx(pictures.effector[:, 0].norm(dim=-1).median().item(), abs=1e-5)


def flat(pictures: Pictures) -> Pictures:
    return pictures.flat(torch.device("cpu"))


def know_all(batch: Pictures) -> FeatureMap:
    """Return maps that say of every location what is true of it."""
    here = grid(*SHAPE, like=batch.centres)
    distances = (here[None, :, None] - batch.centres[:, None]).norm(dim=-1)  # (n, L, M)
    class_logits = torch.full((len(distances), len(here), N_CLASSES), -20.0)
    for number in range(N_CLASSES):
        class_logits[..., number][distances[..., number] < SHOWN_RADIUS[number]] = 20.0
    nearest = (here - batch.effector[:, None]).norm(dim=-1).argmin(-1)
    return FeatureMap(
        features=torch.zeros(*distances.shape[:2], 1),
        class_logits=class_logits,
        middles=batch.centres[:, None].expand(-1, len(here), -1, -1),
        effector_logits=torch.full(distances.shape[:2], -1e3).scatter(1, nearest[:, None], 0.0),
        effector_places=batch.effector[:, None].expand(-1, len(here), -1),
        locations=here,
    )


def test_pretraining_lowers_every_part_of_the_loss(learned: tuple[VisuomotorPolicy, list[float]]):
    new = flat(draw_pictures(8, seed=1))

    with torch.no_grad():
        before, after = (
            module._location_losses(FeatureMap.split(policy.trunk(float_images(new.images))), new, shape=SHAPE)
            for policy in (create_policy(), learned[0])
        )

    assert after.classes < 0.3 * before.classes
    assert after.votes < 0.3 * before.votes
    assert after.effector < 0.3 * before.effector


def test_who_knows_all_has_no_loss(pictures: Pictures):
    batch = flat(pictures)

    losses = module._location_losses(know_all(batch), batch, shape=SHAPE)

    for loss in losses:
        torch.testing.assert_close(loss, torch.tensor(0.0), atol=1e-5, rtol=0)


def test_a_location_may_show_an_item_and_the_container_that_it_is_in(pictures: Pictures):
    centres = pictures.centres.clone()
    centres[:, :, 1] = centres[:, :, 0] + 0.03
    batch = flat(pictures._replace(centres=centres))

    losses = module._location_losses(know_all(batch), batch, shape=SHAPE)

    torch.testing.assert_close(losses.votes, torch.tensor(0.0))
    torch.testing.assert_close(losses.classes, torch.tensor(0.0), atol=1e-5, rtol=0)


@pytest.mark.parametrize("error", [0.0, 0.08, 0.2])
def test_a_vote_costs_its_error_in_half_locations(pictures: Pictures, error: float):
    batch = flat(pictures)
    maps = know_all(batch)

    moved = module._location_losses(
        maps._replace(
            middles=maps.middles + torch.tensor([error, 0.0]),
            effector_places=maps.effector_places - torch.tensor([0.0, error]),
        ),
        batch,
        shape=SHAPE,
    )

    expected = max(0.0, error / 0.04 - 0.5)
    assert moved.votes.item() == pytest.approx(expected, abs=1e-4)
    assert moved.effector.item() == pytest.approx(expected, abs=1e-4)


def test_a_wrong_class_and_an_undecided_effector_cost(pictures: Pictures):
    batch = flat(pictures)
    maps = know_all(batch)

    wrong = module._location_losses(maps._replace(class_logits=-maps.class_logits), batch, shape=SHAPE)
    undecided = module._location_losses(
        maps._replace(effector_logits=torch.zeros_like(maps.effector_logits)), batch, shape=SHAPE
    )

    torch.testing.assert_close(wrong.classes, torch.tensor(3 * 20.0))
    assert undecided.effector.item() == pytest.approx(math.log(SHAPE[0] * SHAPE[1]), abs=1e-4)


def test_nothing_is_asked_about_what_is_hidden(pictures: Pictures):
    visible = pictures.visible.clone()
    visible[:, :, 1] = False
    batch = flat(pictures._replace(visible=visible))
    maps = know_all(batch)
    near = (grid(*SHAPE, like=batch.centres) - batch.centres[:, None, 1]).norm(dim=-1) < ABSENT_RADIUS

    class_logits, middles = maps.class_logits.clone(), maps.middles.clone()
    class_logits[..., 1][near] = 3.0
    middles[:, :, 1][near] = 0.5
    guessed = module._location_losses(maps._replace(class_logits=class_logits, middles=middles), batch, shape=SHAPE)

    for loss in guessed:
        torch.testing.assert_close(loss, torch.tensor(0.0), atol=1e-5, rtol=0)


def test_nothing_is_asked_about_an_effector_outside_the_image(pictures: Pictures):
    batch = flat(pictures)
    maps = know_all(batch)
    outside = batch.effector.clone()
    outside[::2] = torch.tensor([0.2, 1.3])
    places = maps.effector_places.clone()
    places[::2] = 0.9

    losses = module._location_losses(
        maps._replace(effector_places=places), batch._replace(effector=outside), shape=SHAPE
    )

    torch.testing.assert_close(losses.effector, torch.tensor(0.0), atol=1e-5, rtol=0)


def test_pictures_that_show_nothing_teach_nothing(pictures: Pictures):
    hidden = pictures._replace(
        visible=torch.zeros_like(pictures.visible), effector=torch.full_like(pictures.effector, 2.0)
    )

    policy, _ = pretrained(hidden)

    assert all(value.isfinite().all() for value in policy.state_dict().values())
