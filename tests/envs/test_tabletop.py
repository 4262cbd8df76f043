"""Laws of the environment, under whatever id it is made."""

import copy
import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import mujoco
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.utils.env_checker import check_env
from numpy.typing import NDArray

from daml import envs
from daml.envs.robot.arm import JOINTS
from daml.envs.robot.control import CONTROL_TIMESTEP, MAXIMUM_SPEED
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.judging import NO_BEHAVIOUR, NO_SLOT, VERDICTS
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.registration import ENV_IDS

KINDS = envs.ALL_KINDS
HORIZONS = {kind: TASK_KINDS[kind].horizon for kind in KINDS}
TASKS = {kind: envs.Task(kind, "validation", 22 if kind == envs.ONE_TABLE else 3) for kind in KINDS}
STILL = np.array([0.0, 0.0, 0.0, 1.0], dtype=np.float32)
OPEN = np.array([0.0, 0.0, 0.0, -1.0], dtype=np.float32)
N_EPISODES = 20

Act = Callable[[dict], NDArray[np.float32]]

every_kind = pytest.mark.parametrize("kind", KINDS)
every_choice = pytest.mark.parametrize(
    ("kind", "slot"), [(kind, slot) for kind in KINDS for slot in range(envs.n_targets(TASKS[kind]))]
)


@pytest.fixture(scope="module")
def tables() -> Iterator[dict[str, TabletopEnv]]:
    # Few pixels: what these laws are about does not depend on them.
    tables = {kind: TabletopEnv(kind, image_size=8) for kind in KINDS}
    yield tables
    for env in tables.values():
        env.close()


def run(env: TabletopEnv, act: Act, *, seed: int, options: dict) -> list[dict]:
    """Return the infos of a whole episode."""
    _, info = env.reset(seed=seed, options=options)
    infos, truncated = [info], False
    while not truncated:
        _, _, _, truncated, info = env.step(act(info))
        infos.append(info)
    return infos


def final_states(env: TabletopEnv, kind: str, actor: Callable[[int], Act], *, count: int) -> list[dict[str, Any]]:
    """Return the states in which episodes end, each of a task of its own."""
    tasks = [envs.Task(kind, "validation", index) for index in range(count)]
    return [run(env, actor(index), seed=index, options={"task": task})[-1]["state"] for index, task in enumerate(tasks)]


def n_successes(states: list[dict[str, Any]]) -> int:
    return sum(state["verdict"] == "success" for state in states)


def misled(kind: str, slot: int) -> Act:
    """Return an expert that takes another choice for the target."""
    expert = envs.find_expert(kind)

    def act(info: dict) -> NDArray[np.float32]:
        item, container, manner = draw_objects(envs.Task.parse(info["task"])).choice(slot)
        told = {"target_slot": slot, "target_item": item, "target_container": container, "target_manner": manner}
        return expert({"state": info["state"] | told})

    return act


# A length has no natural bound, so that the state's space has none.
@pytest.mark.parametrize("env_id", ENV_IDS.values())
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_object_to(env_id: str, render_mode: str | None):
    env = gymnasium.make(env_id, render_mode=render_mode)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize(("kind", "env_id"), ENV_IDS.items())
def test_an_env_can_be_made_by_its_id_for_any_image_size(kind: str, env_id: str):
    env = gymnasium.make(env_id, image_size=40)
    observation, info = env.reset(seed=0)
    assert observation["image"].shape == (40, 40, 3)
    assert env.observation_space.contains(observation)
    assert info["task"].startswith(f"{kind}/train/")
    env.close()


def test_every_kind_has_an_id():
    assert tuple(ENV_IDS) == KINDS


@every_kind
def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(kind: str):
    def film(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        rng = np.random.default_rng(0)
        env = TabletopEnv(kind, image_size=48)
        observation, _ = env.reset(seed=seed, options={"task": TASKS[kind]})
        observations = [observation, *(env.step(rng.uniform(-1, 1, 4))[0] for _ in range(5))]
        env.close()
        return np.stack([seen["image"] for seen in observations]), np.stack([seen["state"] for seen in observations])

    first, again, other = film(7), film(7), film(8)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


@every_kind
def test_an_episode_does_not_depend_on_the_one_before(tables: dict[str, TabletopEnv], kind: str):
    env = tables[kind]
    observation, info = env.reset(seed=7, options={"task": TASKS[kind]})
    first = observation["state"], env.step(STILL)[0]["state"], info["state"]["item_positions"]
    run(env, lambda _: np.ones(4, dtype=np.float32), seed=1, options={})
    observation, info = env.reset(seed=7, options={"task": TASKS[kind]})
    again = observation["state"], env.step(STILL)[0]["state"], info["state"]["item_positions"]
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before, after)


@every_kind
def test_the_episode_is_truncated_at_the_horizon_and_never_terminated(tables: dict[str, TabletopEnv], kind: str):
    tables[kind].reset(seed=0)
    ends = [tables[kind].step(STILL)[2:4] for _ in range(HORIZONS[kind])]
    assert ends == [(False, False)] * (HORIZONS[kind] - 1) + [(False, True)]


@pytest.mark.parametrize("seed", range(5))
def test_the_item_to_place_starts_in_the_fingers_and_stays_there(tables: dict[str, TabletopEnv], seed: int):
    infos = run(tables["place"], lambda _: STILL, seed=seed, options={"task": envs.Task("place", "test", seed)})
    for info in infos:
        state = info["state"]
        assert np.linalg.norm(state["item_positions"][0] - state["gripper_position"]) < 0.01
    assert np.linalg.norm(infos[-1]["state"]["gripper_position"] - infos[0]["state"]["gripper_position"]) < 2e-3


@pytest.mark.parametrize("kind", ["push", "pick-place"])
def test_items_on_the_table_start_where_the_layout_says_and_stay_there(tables: dict[str, TabletopEnv], kind: str):
    for seed in range(3):
        infos = run(tables[kind], lambda _: STILL, seed=seed, options={"task": envs.Task(kind, "test", seed)})
        first, last = (info["state"]["item_positions"] for info in (infos[0], infos[-1]))
        np.testing.assert_allclose(first[:, :2], tables[kind]._layout.item_positions, atol=1e-3)
        assert np.linalg.norm(last - first, axis=1).max() < 3e-3
        assert first[:, 2].max() < 0.03


@every_kind
def test_doing_nothing_never_succeeds(tables: dict[str, TabletopEnv], kind: str):
    for action in (np.zeros(4, dtype=np.float32), OPEN):
        states = final_states(tables[kind], kind, lambda _, still=action: lambda _: still, count=5)
        assert n_successes(states) == 0


@every_kind
def test_random_actions_never_succeed(tables: dict[str, TabletopEnv], kind: str):
    def actor(seed: int) -> Act:
        rng = np.random.default_rng(seed)
        return lambda _: rng.uniform(-1, 1, 4).astype(np.float32)

    assert n_successes(final_states(tables[kind], kind, actor, count=10)) == 0


@every_kind
def test_the_disturbed_expert_succeeds_and_its_behaviour_is_that_of_the_kind(tables: dict[str, TabletopEnv], kind: str):
    def actor(seed: int) -> Act:
        expert, noise = envs.find_expert(kind), envs.NoiseInjection(0.1, np.random.default_rng(seed))
        # As in collection: what has succeeded is left in peace.
        return lambda info: expert(info) if info["is_success"] else noise.disturb(expert(info))

    states = final_states(tables[kind], kind, actor, count=N_EPISODES)
    assert n_successes(states) >= 0.95 * N_EPISODES
    assert all(state["behaviour"] == state["target_manner"] for state in states if state["verdict"] == "success")


@every_choice
def test_the_expert_does_whatever_is_made_the_target(tables: dict[str, TabletopEnv], kind: str, slot: int):
    options = {"task": TASKS[kind], "target": slot}
    final = run(tables[kind], envs.find_expert(kind), seed=2, options=options)[-1]
    state = final["state"]
    assert state["target_slot"] == state["reached_slot"] == state["completed_slot"] == slot
    assert (state["target_item"], state["target_container"]) == draw_objects(TASKS[kind]).choice(slot)[:2]
    assert state["verdict"] == "success"
    assert final["is_success"]


@every_choice
def test_something_else_than_was_asked_for_is_no_success_and_its_verdict_says_what_is_wrong(
    tables: dict[str, TabletopEnv], kind: str, slot: int
):
    objects = draw_objects(TASKS[kind])
    if slot == objects.target:
        return
    final = run(tables[kind], misled(kind, slot), seed=2, options={"task": TASKS[kind]})[-1]
    done, wanted = objects.choice(slot), objects.choice(objects.target)
    wrong_item, wrong_manner = done.item != wanted.item, done.manner != wanted.manner
    expected = "wrong_object" if wrong_item else "wrong_kind" if wrong_manner else "wrong_container"
    assert final["state"]["verdict"] == expected
    assert final["state"]["target_slot"] == objects.target
    assert final["state"]["completed_slot"] == final["state"]["reached_slot"] == slot
    assert not final["is_success"]


@pytest.mark.parametrize("kind", ["push", "pick-place"])
def test_the_right_item_touched_but_not_brought_there_is_the_verdict_not_completed(
    tables: dict[str, TabletopEnv], kind: str
):
    expert = envs.find_expert(kind)
    expects = {"push": STILL, "pick-place": OPEN}

    def gives_up(info: dict) -> NDArray[np.float32]:
        state = info["state"]
        moved = np.linalg.norm((state["item_positions"] - start)[state["target_item"]]) > 0.025
        stopped.append(bool(moved or (stopped and stopped[-1])))
        return expects[kind] if stopped[-1] else expert(info)

    stopped: list[bool] = []
    _, info = tables[kind].reset(seed=2, options={"task": TASKS[kind]})
    start = info["state"]["item_positions"]
    final = run(tables[kind], gives_up, seed=2, options={"task": TASKS[kind]})[-1]
    assert stopped[-1]
    assert final["state"]["verdict"] == "not_completed"
    assert final["state"]["completed_slot"] == NO_SLOT
    assert final["state"]["reached_slot"] == final["state"]["target_slot"]


@every_kind
def test_the_reward_is_one_while_the_task_is_done(tables: dict[str, TabletopEnv], kind: str):
    expert, env = envs.find_expert(kind), tables[kind]
    _, info = env.reset(seed=2, options={"task": TASKS[kind]})
    assert not info["is_success"]
    rewards = []
    for _ in range(HORIZONS[kind]):
        _, reward, _, _, info = env.step(expert(info))
        assert reward == float(info["is_success"]) == float(info["success"])
        assert info["is_success"] == (info["state"]["verdict"] == "success")
        assert info["state"]["verdict"] in VERDICTS
        rewards.append(reward)
    assert rewards[0] == 0
    assert rewards[-1] == 1


@every_kind
def test_the_state_tells_of_every_object(tables: dict[str, TabletopEnv], kind: str):
    _, info = tables[kind].reset(seed=2, options={"task": TASKS[kind]})
    objects, state = draw_objects(TASKS[kind]), info["state"]
    layout = tables[kind]._layout
    assert state["target_slot"] == objects.target
    n_items, n_containers = len(objects.items), len(objects.containers)
    assert np.isfinite(state["item_positions"]).all(axis=1).sum() == n_items
    np.testing.assert_array_equal(state["item_half_extents"][:n_items], [item.half_extents for item in objects.items])
    np.testing.assert_array_equal(state["item_reaches"][:n_items], [item.reach for item in objects.items])
    heights = [container.height for container in objects.containers]
    np.testing.assert_array_equal(state["container_heights"][:n_containers], heights)
    np.testing.assert_array_equal(state["container_positions"][:n_containers], layout.container_positions)
    assert np.isinf(state["container_positions"][n_containers:]).all()
    np.testing.assert_array_equal(state["zone_position"], layout.zone_position)
    np.testing.assert_allclose(state["gripper_position"], layout.gripper, atol=3e-3)
    assert state["completed_slot"] == NO_SLOT
    assert state["behaviour"] == NO_BEHAVIOUR


@every_kind
def test_a_behaviour_is_told_from_when_it_shows_and_doing_nothing_is_none(tables: dict[str, TabletopEnv], kind: str):
    options = {"task": TASKS[kind]}
    infos = run(tables[kind], envs.find_expert(kind), seed=2, options=options)
    behaviours = [info["state"]["behaviour"] for info in infos]
    manner = envs.manner_of(TASKS[kind])
    first = behaviours.index(manner)
    assert first > 3
    assert behaviours == [NO_BEHAVIOUR] * first + [manner] * (len(behaviours) - first)
    still = run(tables[kind], lambda _: STILL, seed=2, options=options)
    assert {info["state"]["behaviour"] for info in still} == {NO_BEHAVIOUR}


def test_pushing_in_a_scene_for_picking_is_told_from_picking(tables: dict[str, TabletopEnv]):
    expert, env = envs.find_expert("push"), tables["pick-place"]

    def push(info: dict) -> NDArray[np.float32]:
        state = info["state"]
        # Towards a place off to the side, with nothing in between.
        return expert({"state": state | {"zone_position": aim, "target_item": 0}})

    _, info = env.reset(seed=2, options={"task": TASKS["pick-place"]})
    item = info["state"]["item_positions"][0, :2]
    away = item - info["state"]["container_positions"].mean(axis=0)
    aim = np.clip(item + 0.08 * away / np.linalg.norm(away), (0.36, -0.24), (0.66, 0.24))
    assert run(env, push, seed=2, options={"task": TASKS["pick-place"]})[-1]["state"]["behaviour"] == "push"


@every_kind
def test_an_item_is_held_by_contact_and_friction_alone(tables: dict[str, TabletopEnv], kind: str):
    env = tables[kind]
    env.reset(seed=2, options={"task": TASKS[kind]})
    model = env._model
    # The one constraint couples the two fingers; every motor turns a joint of the robot.
    assert [model.equality(index).name for index in range(model.neq)] == ["fingers"]
    assert model.eq_type[0] == int(mujoco.mjtEq.mjEQ_JOINT)
    assert {model.joint(joint).name for joint in (model.eq_obj1id[0], model.eq_obj2id[0])} == {
        "finger_left",
        "finger_right",
    }
    moved = {model.joint(joint).name for joint in model.actuator_trnid[:, 0]}
    assert moved == {*(f"joint{number}" for number in range(1, len(JOINTS) + 1)), "finger_left", "finger_right"}
    assert (model.actuator_trntype == int(mujoco.mjtTrn.mjTRN_JOINT)).all()
    assert model.nmocap == model.ntendon == 0
    assert not env._data.xfrc_applied.any()
    assert not env._data.qfrc_applied.any()


def test_an_item_falls_out_of_fingers_without_friction(tables: dict[str, TabletopEnv]):
    env = tables["place"]
    for slippery in (False, True):
        env.reset(seed=2, options={"task": TASKS["place"]})
        if slippery:
            env._model.geom_friction[:] = 1e-5
        for _ in range(8):
            *_, info = env.step(STILL)
        away = np.linalg.norm(info["state"]["item_positions"][0] - info["state"]["gripper_position"])
        assert (away > 0.05) == slippery


@pytest.mark.parametrize("slippery", [False, True])
def test_an_item_cannot_be_lifted_without_friction(tables: dict[str, TabletopEnv], *, slippery: bool):
    expert, env = envs.find_expert("pick-place"), tables["pick-place"]
    _, info = env.reset(seed=2, options={"task": TASKS["pick-place"]})
    if slippery:
        env._model.geom_friction[:] = 1e-5
    highest = 0.0
    for _ in range(HORIZONS["pick-place"]):
        *_, info = env.step(expert(info))
        highest = max(highest, info["state"]["item_positions"][info["state"]["target_item"], 2])
    assert (highest > 0.06) != slippery


def test_the_pushing_expert_keeps_the_gripper_closed_and_the_item_on_the_table(tables: dict[str, TabletopEnv]):
    for seed in range(3):
        options = {"task": envs.Task("push", "test", seed)}
        for info in run(tables["push"], envs.find_expert("push"), seed=seed, options=options):
            assert info["state"]["gripper_opening"] < 0.004
            assert (
                np.abs(info["state"]["item_positions"][:, 2] - info["state"]["item_half_extents"][:, 2]).max() < 0.004
            )


@every_kind
def test_the_gripper_never_jumps_and_the_joints_keep_their_limits(tables: dict[str, TabletopEnv], kind: str):
    rng, env = np.random.default_rng(0), tables[kind]
    lower, upper = np.array([(joint.lower, joint.upper) for joint in JOINTS]).T
    _, info = env.reset(seed=0)
    before = info["state"]["gripper_position"]
    for step in range(HORIZONS[kind]):
        if step % 4 == 0:
            action = np.sign(rng.normal(size=4))
        now = env.step(action)[-1]["state"]["gripper_position"]
        assert np.abs(now - before).max() < 1.5 * MAXIMUM_SPEED * CONTROL_TIMESTEP
        before = now
        angles = np.array([env._data.joint(f"joint{number}").qpos[0] for number in range(1, 8)])
        assert (angles > lower - 0.01).all()
        assert (angles < upper + 0.01).all()


def test_a_straight_motion_with_the_item_ends_within_3_mm_of_where_it_was_sent(tables: dict[str, TabletopEnv]):
    for direction in ((1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, -1), (1, 1, -0.5)):
        _, info = tables["place"].reset(seed=0, options={"task": TASKS["place"]})
        start = info["state"]["gripper_position"]
        for speed in (1, 1, 1, 0, 0, 0):
            *_, info = tables["place"].step(np.array([*np.multiply(direction, speed), 1.0]))
        expected = start + 3 * MAXIMUM_SPEED * CONTROL_TIMESTEP * np.array(direction)
        assert np.linalg.norm(info["state"]["gripper_position"] - expected) < 3e-3


def test_a_picture_for_people_is_large_and_changes_nothing():
    env = TabletopEnv(render_mode="rgb_array")
    observation, _ = env.reset(seed=0)
    picture = env.render()
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 20
    np.testing.assert_array_equal(env._observe()["image"], observation["image"])
    env.reset(seed=1)
    assert (env.render() != picture).any()
    env.close()
    assert TabletopEnv().render() is None


@pytest.mark.parametrize(
    ("kind", "target", "last"), [("place", -1, 2), ("place", 3, 2), ("push", 2, 1), ("pick-place", 4, 3)]
)
def test_a_slot_that_is_not_there_is_refused(tables: dict[str, TabletopEnv], kind: str, target: int, last: int):
    with pytest.raises(ValueError, match=f"target slot is {target}; expected 0 to {last}"):
        tables[kind].reset(seed=0, options={"task": TASKS[kind], "target": target})


def test_a_task_of_another_kind_or_none_is_refused(tables: dict[str, TabletopEnv]):
    with pytest.raises(ValueError, match="task push/validation/3 cannot be done here; expected a task of kind place"):
        tables["place"].reset(seed=0, options={"task": TASKS["push"]})
    with pytest.raises(ValueError, match=re.escape("options['task'] is 'place/test/0'; expected an envs.Task")):
        tables["place"].reset(seed=0, options={"task": "place/test/0"})


@pytest.mark.parametrize("action", [[0, 0, 0], [0, 0, 0, np.nan], [0, 0, np.inf, 0], [[0, 0, 0, 0]]])
def test_an_action_that_is_none_is_refused(tables: dict[str, TabletopEnv], action: list):
    tables["place"].reset(seed=0)
    with pytest.raises(ValueError, match=re.escape("expected 4 finite numbers in [-1, 1]")):
        tables["place"].step(np.array(action))


def test_an_action_beyond_the_limits_is_the_action_at_the_limits(tables: dict[str, TabletopEnv]):
    states = []
    for scale in (1, 50):
        tables["place"].reset(seed=0, options={"task": TASKS["place"]})
        states.append(tables["place"].step(scale * np.array([1.0, -1.0, 1.0, 1.0]))[0]["state"])
    np.testing.assert_array_equal(states[0], states[1])


def test_an_unknown_kind_or_render_mode_is_refused():
    with pytest.raises(ValueError, match="render_mode 'human' is unknown"):
        TabletopEnv(render_mode="human")
    with pytest.raises(ValueError, match="task kind 'juggle' is unknown; valid kinds: place, push, pick-place"):
        TabletopEnv("juggle")


def types_of(info: dict) -> dict:
    """Return the type of every value, and the shape and type of arrays."""
    return {
        name: types_of(value) if isinstance(value, dict) else (type(value), getattr(value, "shape", None))
        for name, value in info.items()
    }


@every_kind
def test_what_the_info_holds_keeps_its_types_from_reset_to_success(tables: dict[str, TabletopEnv], kind: str):
    infos = run(tables[kind], envs.find_expert(kind), seed=2, options={"task": TASKS[kind]})
    assert infos[-1]["is_success"]
    assert [types_of(info) for info in infos] == [types_of(infos[0])] * len(infos)


def info_of(infos: dict, index: int) -> dict:
    """Return the info of one environment from those of a vector of them."""
    return {
        name: info_of(value, index) if isinstance(value, dict) else value[index]
        for name, value in infos.items()
        if not name.startswith("_")
    }


@pytest.mark.parametrize("mode", ["sync", "async"])
@every_kind
def test_a_vector_of_environments_outlives_a_success_in_one_of_them(kind: str, mode: str):
    vector = gymnasium.make_vec(ENV_IDS[kind], num_envs=2, vectorization_mode=mode, image_size=8)
    expert = envs.find_expert(kind)
    _, infos = vector.reset(seed=[2, 6], options={"task": TASKS[kind]})
    successes = np.zeros((HORIZONS[kind], 2), dtype=bool)
    for step in range(HORIZONS[kind]):
        _, _, _, truncated, infos = vector.step(np.stack([expert(info_of(infos, 0)), STILL]))
        successes[step] = infos["is_success"]
    assert truncated.all()
    assert successes.any(axis=0).tolist() == [True, False]
    vector.step(np.stack([STILL, STILL]))  # both begin anew
    vector.close()


COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda env: pickle.loads(pickle.dumps(env))}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@every_kind
def test_a_copy_steps_to_the_same_states_and_images(kind: str, duplicate: Callable):
    original, expert = TabletopEnv(kind, image_size=24, render_mode="rgb_array"), envs.find_expert(kind)
    _, info = original.reset(seed=3)
    for _ in range(5):
        *_, info = original.step(expert(info))
    original.render()
    twin = duplicate(original)
    for step in range(8):
        if step == 4:  # both draw their next task from the same random numbers
            twin.reset(), original.reset()
        action = expert(info)
        ours, theirs = original.step(action), twin.step(action)
        np.testing.assert_array_equal(ours[0]["image"], theirs[0]["image"])
        np.testing.assert_array_equal(ours[0]["state"], theirs[0]["state"])
        info = ours[-1]
        np.testing.assert_array_equal(info["state"]["item_positions"], theirs[-1]["state"]["item_positions"])
    np.testing.assert_array_equal(original.render(), twin.render())
    original.close()
    assert twin.step(action)[0]["image"].any()
    twin.close()


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_of_an_environment_that_was_never_reset_or_is_wrapped_is_as_good(duplicate: Callable):
    for fresh in (TabletopEnv(image_size=8), gymnasium.make(ENV_IDS["place"], image_size=8)):
        twin = duplicate(fresh)
        image, same = (env.reset(seed=1)[0]["image"] for env in (fresh, twin))
        np.testing.assert_array_equal(image, same)
        twin.close(), fresh.close()


def test_without_an_episode_there_is_nothing_to_step_or_to_draw():
    env = TabletopEnv(image_size=8, render_mode="rgb_array")
    for ask in (lambda: env.step(STILL), env.render, env.picture):
        with pytest.raises(ResetNeeded, match="call reset first"):
            ask()
    env.reset(seed=0)
    env.close()
    env.close()
    for ask in (lambda: env.step(STILL), env.render, env.picture):
        with pytest.raises(ClosedEnvironmentError, match="the environment is closed"):
            ask()
    env.reset(seed=0)
    assert env.step(STILL)
    with pytest.raises(ValueError, match="'taks' is unknown; valid keys: task, target, shift"):
        env.reset(seed=0, options={"taks": TASKS["place"]})
    env.close()


def test_another_choice_can_be_asked_for_in_the_scene_as_it_is():
    env = TabletopEnv("pick-place", image_size=16)
    env.reset(seed=1, options={"task": envs.Task("pick-place", "train", 0), "target": 0})
    expert = envs.find_expert("pick-place")
    info = env._inform()
    for _ in range(60):
        _, _, _, _, info = env.step(expert(info))
    assert info["is_success"]
    _, info = env.go_on(3)
    assert not info["is_success"]
    assert info["state"]["target_slot"] == 3
    assert info["state"]["behaviour"] == "none"
    truncated, n_steps = False, 0
    while not truncated:
        _, _, _, truncated, info = env.step(expert(info))
        n_steps += 1
    assert n_steps == TASK_KINDS["pick-place"].horizon
    assert info["is_success"]


def test_nothing_can_be_asked_for_where_there_is_no_episode_or_no_such_choice():
    env = TabletopEnv("pick-place", image_size=16)
    with pytest.raises(ResetNeeded, match="go_on"):
        env.go_on(0)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="target slot is 99"):
        env.go_on(99)
