"""Laws of the demonstrator of the one table."""

from collections import Counter
from contextlib import closing

import numpy as np

from daml import envs
from daml.envs.experts.table import table_expert


def test_the_expert_does_every_manner():
    # Three tasks of each: with all of 600, 98 % and more are done (see the results).
    with closing(envs.TabletopEnv("tabletop", image_size=8)) as env:
        done: Counter[str] = Counter()
        for index in range(9):
            _, info = env.reset(seed=index, options={"task": envs.Task("tabletop", "train", 100 + index)})
            truncated = False
            while not truncated:
                _, _, _, truncated, info = env.step(table_expert(info))
            done[info["state"]["target_manner"]] += info["is_success"]
    assert sum(done.values()) >= 8


def test_it_acts_upon_the_present_state_alone():
    with closing(envs.TabletopEnv("tabletop", image_size=8)) as env:
        for index in range(3):
            _, info = env.reset(seed=0, options={"task": envs.Task("tabletop", "train", index)})
            np.testing.assert_array_equal(table_expert(info), table_expert(info))
