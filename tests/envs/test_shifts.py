"""Laws of shifted worlds: each is outside training, changes what it names, and leaves the rest as it was drawn."""

import mujoco
import numpy as np
import pytest

from daml.envs import shifts
from daml.envs.experts import find_expert
from daml.envs.human.hand import PosedHand, draw_hand
from daml.envs.human.person import draw_person
from daml.envs.human_film import Performance, film_human
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import POLICY_CAMERA, POSITION_JITTER
from daml.envs.shifts import SHIFTS, UNSHIFTED, find_shift
from daml.envs.shot import Shot
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.kinds import TASK_KINDS
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import Task

SHIFTED = sorted(set(SHIFTS) - {"none"})
OF_THE_WORLD = ("backgrounds", "camera", "light", "distractors")
N_DRAWS = 40


@pytest.mark.parametrize("name", SHIFTED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_shifted_film_is_another_film_and_the_same_each_time(kind: str, name: str):
    task = Task(kind, "test", 0)
    plain, shifted, again = (
        film_human(Shot(task, seed=1, image_size=32, shift=SHIFTS[shift]))[0] for shift in ("none", name, name)
    )
    np.testing.assert_array_equal(shifted, again)
    assert shifted.shape != plain.shape or (shifted != plain).any()
    assert (len(shifted) != len(plain)) == (name == "tempo")


@pytest.mark.parametrize("name", SHIFTED)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_layout_in_every_world(kind: str, name: str):
    task, first_images, first_places = Task(kind, "test", 0), [], []
    for shift in (UNSHIFTED, SHIFTS[name]):
        env = TabletopEnv(kind, image_size=32)
        observation, info = env.reset(seed=3, options={"task": task, "shift": shift})
        env.close()
        first_images.append(observation["image"])
        state = info["state"]
        first_places.append([observation["state"], state["container_positions"], state["item_positions"]])
    for plain, shifted in zip(*first_places, strict=True):
        np.testing.assert_allclose(shifted, plain, atol=1e-3)
    assert (first_images[0] != first_images[1]).any() == (name in OF_THE_WORLD)


@pytest.mark.parametrize("name", [*SHIFTED, "none"])
def test_what_the_human_does_and_how_is_the_same_but_for_what_is_shifted(name: str):
    task = Task("pick-place", "test", 0)
    plain, shifted = (Performance.draw(task, seed=1, shift=shift) for shift in (UNSHIFTED, SHIFTS[name]))
    for before, after in zip(plain.choreography.waypoints, shifted.choreography.waypoints, strict=True):
        np.testing.assert_array_equal(before.position, after.position)
        assert (before.time == after.time) == (name != "tempo" or before.time == 0)
    assert isinstance(plain.actor, PosedHand)
    assert isinstance(shifted.actor, PosedHand)
    assert (plain.actor.hand == shifted.actor.hand) == (name != "hand")
    assert (plain.camera == shifted.camera) == (name != "camera")


def test_without_a_shift_the_random_numbers_of_an_episode_are_those_that_they_always_were():
    env = TabletopEnv("place", image_size=8)
    env.reset(seed=3)
    after = env.np_random.bit_generator.state
    for shift in SHIFTS.values():
        env.reset(seed=3, options={"shift": shift})
        assert env.np_random.bit_generator.state == after
    env.close()


def test_the_camera_stands_where_training_never_puts_it():
    rng = np.random.default_rng(0)
    for _ in range(N_DRAWS):
        camera = SHIFTS["camera"].camera(POLICY_CAMERA.jittered(rng), rng)
        away = np.subtract(camera.position, POLICY_CAMERA.position)
        assert np.linalg.norm(away) > np.sqrt(3) * POSITION_JITTER - 0.011
        assert abs(camera.roll_deg) >= 3


def test_the_light_is_dimmer_than_ever_in_training_and_coloured():
    rng = np.random.default_rng(0)
    for _ in range(N_DRAWS):
        drawn = draw_appearance(rng)
        dim = SHIFTS["light"].appearance(drawn, rng)
        assert np.mean(dim.light_diffuse) < 0.45 * 0.94
        assert np.mean(dim.ambient) < 0.25 * 0.96
        assert max(dim.light_diffuse) / min(dim.light_diffuse) > 1.06 / 0.94
        np.testing.assert_array_equal(dim.table, drawn.table)


def test_no_hand_of_training_has_this_size_thickness_grasp_or_sleeve():
    rng = np.random.default_rng(0)
    for _ in range(N_DRAWS):
        drawn = draw_hand(rng)
        hand = SHIFTS["hand"].hand(drawn, rng)
        assert not 0.85 <= hand.size <= 1.15
        assert hand.thickness > 1.15
        assert hand.grasping_fingers not in (1, 2, 4)
        assert hand.sleeve_width > drawn.sleeve_width == 1
        assert (hand.left_handed, hand.forearm_pitch) == (drawn.left_handed, drawn.forearm_pitch)


def test_no_person_of_training_wears_such_sleeves_and_all_are_gloved():
    rng = np.random.default_rng(0)
    for _ in range(N_DRAWS):
        drawn = draw_person("test", rng)
        person = SHIFTS["hand"].person(drawn, rng)
        assert person.complexion.glove is not None
        assert person.clothes.width > max(0.014, drawn.clothes.width)
        assert (person.body, person.left_handed) == (drawn.body, drawn.left_handed)


def test_tempo_is_hasty_or_slow_and_never_in_between():
    course = Performance.draw(Task("push", "test", 0), seed=1).choreography
    rng = np.random.default_rng(0)
    factors = np.array([SHIFTS["tempo"].choreography(course, rng).end / course.end for _ in range(N_DRAWS)])
    assert ((factors < 0.61) | (factors > 1.79)).all()
    assert {True, False} == set((factors < 1).tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_distractors_lie_still_on_the_table_and_nothing_else_is_new(kind: str):
    env = TabletopEnv(kind, image_size=8)
    for seed in range(4):
        options = {"task": Task(kind, "test", seed), "shift": SHIFTS["distractors"]}
        env.reset(seed=seed, options=options)
        names = [env._model.body(body).name for body in range(env._model.nbody)]
        strays = [name for name in names if name.startswith("distractor")]
        assert 1 <= len(strays) <= shifts.N_DISTRACTORS + TASK_KINDS[kind].most_distractors
        before = [env._data.body(name).xpos.copy() for name in strays]
        mujoco.mj_step(env._model, env._data, 100)
        for name, place in zip(strays, before, strict=True):
            assert np.linalg.norm(env._data.body(name).xpos - place) < 3e-3
            assert 0 < env._data.body(name).xpos[2] < 0.04
    env.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_expert_succeeds_among_distractors(kind: str):
    env, done = TabletopEnv(kind, image_size=8), []
    for seed in range(4):
        expert, truncated = find_expert(kind), False
        options = {"task": Task(kind, "test", seed), "shift": SHIFTS["distractors"]}
        _, info = env.reset(seed=seed, options=options)
        while not truncated:
            *_, truncated, info = env.step(expert(info))
        done.append(info["is_success"])
    env.close()
    assert sum(done) >= 3


def test_a_shift_is_found_by_its_name_and_an_unknown_one_is_refused():
    assert all(find_shift(name).name == name for name in SHIFTS)
    with pytest.raises(ValueError, match="shift 'fog' is unknown; valid shifts: none, backgrounds, camera"):
        find_shift("fog")
    with pytest.raises(ValueError, match=r"options\['shift'\] is 'light'; expected an envs.Shift"):
        TabletopEnv("place", image_size=8).reset(seed=0, options={"shift": "light"})
