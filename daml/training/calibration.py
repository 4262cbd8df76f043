"""Calibration: what a policy is told of robot and camera before it learns, measured on demonstrations."""

import logging
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from daml.demos import StoredTask
from daml.learners.learner import Learner
from daml.policies.robot.proprioception import extend_clip
from daml.policies.robot.robot_state import POSITION_SIZE
from daml.policies.vision.images import float_images

_N_CLIPS_OF_STATES, _N_CLIPS_OF_SIGHTINGS, _N_FRAMES = 500, 400, 8
"""Clips whose states are gathered, clips in which the gripper is looked for, and frames of each of these."""


def fit_normalizer(learner: Learner, tasks: Sequence[StoredTask], *, seed: int) -> None:
    """Measure means and spreads of robot states, on some clips.

    Args:
        learner: Its policy's normaliser is changed in place.
        tasks: Demonstrations.
        seed: Seed of the choice of clips.
    """
    chosen = np.random.default_rng(seed).permutation(len(tasks))[:_N_CLIPS_OF_STATES]
    clips = [extend_clip(tasks[int(i)].robot_states(0), tasks[int(i)].robot_executed(0)) for i in chosen]
    learner.policy.normalizer.fit(torch.as_tensor(np.concatenate(clips)))


@torch.no_grad()
def fit_hand_eye(learner: Learner, tasks: Sequence[StoredTask], *, seed: int) -> None:
    """Find out how positions of the gripper map to the image, from frames of some clips; warn where they do not.

    Args:
        learner: Its policy's camera is changed in place; its trunk must be able to find a gripper.
        tasks: Demonstrations.
        seed: Seed of the choice of clips and frames.
    """
    policy = learner.policy
    rng = np.random.default_rng(seed)
    positions: list[Tensor] = []
    places: list[Tensor] = []
    for i in rng.permutation(len(tasks))[:_N_CLIPS_OF_SIGHTINGS]:
        task = tasks[int(i)]
        times = rng.integers(task.robot_length(0), size=_N_FRAMES)
        images = float_images(torch.as_tensor(task.robot_frames(0, times)))
        seen = policy.see(images.to(policy.hand_eye.matrix.device))
        positions.append(torch.as_tensor(task.robot_states(0)[times, :POSITION_SIZE], device=seen.features.device))
        places.append(seen.landmarks.effector)
    if not policy.hand_eye.fit(torch.cat(positions), torch.cat(places)):
        logging.getLogger(__name__).warning(
            "the gripper was not found where the robot says it is, so that nothing will be known of the camera: "
            "pretrain the trunk longer, or on images like those of the demonstrations"
        )
