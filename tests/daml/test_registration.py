"""Laws of the registration: `import daml` is enough, and loads nothing."""

import subprocess
import sys

import gymnasium
import pytest

from daml.envs.tasks.kinds import TASK_KINDS
from daml.registration import ENV_IDS, HORIZONS


@pytest.mark.parametrize("env_id", ENV_IDS.values())
def test_an_id_makes_its_environment_by_itself_and_behind_the_name_of_the_package(env_id: str):
    for name in (env_id, f"daml:{env_id}"):
        with gymnasium.make(name) as env:
            assert env.spec is not None
            assert env.spec.id == env_id


def test_importing_the_package_registers_without_loading_torch_or_mujoco():
    program = (
        "import sys, daml, gymnasium\n"
        f"assert set({list(ENV_IDS.values())}) <= set(gymnasium.registry)\n"
        "print(sorted({'torch', 'mujoco', 'cv2', 'av'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_without_gymnasium_the_package_still_loads():
    program = "import sys; sys.modules['gymnasium'] = None; import daml; print(daml.__version__)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip()


def test_a_specification_says_the_horizon_which_is_the_environments_own():
    assert {kind: rules.horizon for kind, rules in TASK_KINDS.items()} == HORIZONS
    assert {kind: gymnasium.spec(env_id).max_episode_steps for kind, env_id in ENV_IDS.items()} == HORIZONS
