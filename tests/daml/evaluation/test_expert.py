from contextlib import closing

import numpy as np
import pytest

from daml import envs
from daml.evaluation.expert import ExpertPolicy


@pytest.mark.parametrize("kind", envs.KINDS)
def test_it_acts_as_a_new_expert_does_in_every_episode(kind: str):
    actor = ExpertPolicy(kind)
    with closing(envs.TabletopEnv(kind, image_size=16)) as env:
        for seed in range(2):
            _, info = env.reset(seed=seed, options={"task": envs.Task(kind, "validation", 0)})
            actor.reset()
            expert = envs.make_expert(kind)
            for _ in range(3):
                action = expert.act(info)
                assert np.array_equal(actor.act(info), action)
                _, _, _, _, info = env.step(action)
