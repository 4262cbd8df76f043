"""Laws of people as parts of a scene."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from daml.envs.human.bodies import TRUNK_BONES, find_body, split_of
from daml.envs.human.clothing import Watch
from daml.envs.human.person import Person, add_person, bone_names, draw_person
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.tasks.task import SPLITS


def compiled(person: Person) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    add_person(spec, person)
    return spec.compile()


@pytest.mark.parametrize("split", SPLITS)
def test_people_have_the_bodies_of_their_split_and_differ(split: str):
    people = [draw_person(split, np.random.default_rng(seed)) for seed in range(60)]
    assert {split_of(person.body.number) for person in people} == {split}
    assert len({person.body.number for person in people}) >= 7
    assert {person.left_handed for person in people} == {True, False}
    assert {person.idle_hand for person in people} == {"lap", "table"}


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="valid splits"):
        draw_person("real", np.random.default_rng(0))


def test_every_bone_is_a_mocap_body_and_the_hands_point_is_the_first():
    model = compiled(draw_person("train", np.random.default_rng(0)))
    names = ("hand", *TRUNK_BONES, *bone_names("acting"), *bone_names("idle"))
    assert model.nmocap == len(names)
    assert model.body("hand").mocapid[0] == 0
    assert all(model.body(name).mocapid[0] >= 0 for name in names)
    assert model.nv == 0


def test_people_are_drawn_and_touch_nothing():
    for seed in range(4):
        model = compiled(draw_person("train", np.random.default_rng(seed)))
        assert not model.geom_contype.any()
        assert not model.geom_conaffinity.any()
        skins = {model.skin(number).name for number in range(model.nskin)}
        assert {"shirt", "head", "acting_skin", "acting_sleeve", "idle_skin", "idle_sleeve"} <= skins


def test_longer_sleeves_leave_less_skin():
    person = draw_person("train", np.random.default_rng(0))
    counts: list[int] = []
    for end in (0.15, 0.3, 0.48):
        model = compiled(replace(person, clothes=replace(person.clothes, sleeve_end=end, watch=None)))
        counts.append(int(model.skin_vertnum[model.skin("acting_skin").id]))
    assert counts[0] > counts[1] > counts[2] > 1000  # the hand stays


def test_a_watch_is_on_the_acting_arm():
    person = draw_person("train", np.random.default_rng(0))
    watch = Watch(0.47, 0.03, (0.1, 0.1, 0.1), (0.9, 0.9, 0.9), 0.018)
    model = compiled(replace(person, clothes=replace(person.clothes, sleeve_end=0.2, watch=watch)))
    assert model.body(model.geom("dial").bodyid[0]).name == "acting_forearm_twist"
    assert model.skin("watch").id >= 0


def test_palms_backs_and_nails_are_where_they_belong():
    person = draw_person("train", np.random.default_rng(0))
    complexion = replace(person.complexion, tone=(0, 0, 1), palm=(1, 0, 0), nails=(0, 1, 0), glove=None)
    clothes = replace(person.clothes, sleeve_end=0.2, watch=None)
    person = replace(person, body=find_body(1), left_handed=False, complexion=complexion, clothes=clothes)
    spec, body, axes = mujoco.MjSpec(), person.body, person.skeleton.axes
    spec.visual.headlight.ambient[:] = 0.8
    add_person(spec, person)
    for name, side in (("back", 1), ("palm", -1)):
        backwards, ahead = side * axes[:, 2], axes[:, 0]
        place = body.joints[3] + 0.09 * ahead + 0.5 * backwards
        spec.worldbody.add_camera(name=name, pos=place, xyaxes=(*np.cross(ahead, backwards), *ahead), fovy=20)
    model = spec.compile()
    data = mujoco.MjData(model)
    for name, place in zip(bone_names("acting"), body.joints, strict=True):
        data.mocap_pos[model.body(name).mocapid[0]] = place
    mujoco.mj_forward(model, data)
    with OffscreenRenderer(96, 96) as renderer:
        renderer.load(model)
        shares: dict[str, np.ndarray] = {}
        for name in ("back", "palm"):
            shown = renderer.identify(data, name)
            skin = (shown == (mujoco.mjtObj.mjOBJ_SKIN.value, model.skin("acting_skin").id)).all(axis=2)
            strongest = renderer.render(data, name)[skin].argmax(axis=1)
            shares[name] = np.bincount(strongest, minlength=3) / skin.sum()  # of red, green, blue
    assert shares["back"][2] > 0.6
    assert shares["palm"][0] > 0.6
    assert 0.003 < shares["back"][1] < 0.1
    assert shares["palm"][1] < 0.01
