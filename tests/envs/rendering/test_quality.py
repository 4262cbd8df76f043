"""Laws of render qualities."""

import mujoco
import pytest

from daml.envs.rendering.quality import PERSON_QUALITY, POLICY_QUALITY, RenderQuality, drawn_as

MODEL = "<mujoco><worldbody><geom size='0.1'/></worldbody></mujoco>"


@pytest.mark.parametrize("quality", [POLICY_QUALITY, PERSON_QUALITY])
def test_a_model_has_a_quality_while_it_is_uploaded_and_then_its_own_again(quality: RenderQuality):
    model = mujoco.MjModel.from_xml_string(MODEL)
    own = model.vis.quality
    before = (own.shadowsize, own.numslices, model.vis.global_.offwidth)

    with drawn_as(model, quality, mujoco.MjrRect(0, 0, 40, 30)):
        assert (own.shadowsize, own.numslices) == (quality.shadow_map, quality.slices)
        assert (model.vis.global_.offwidth, model.vis.global_.offheight) == (40, 30)

    assert (own.shadowsize, own.numslices, model.vis.global_.offwidth) == before
