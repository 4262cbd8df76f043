"""Bake how a hand holds things of any width: `envs/human/grasps.npz`, solved for on one of the baked bodies.

For each grasp and each width, the angles of the joints at which thumb and fingers face each other that far apart, as
near to an easy posture as possible. Takes seconds:

    python scripts/bake_grasps.py
"""
# ruff: noqa: INP001, T201 - a script, which talks to its reader

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from daml.envs.human.bodies import find_body
from daml.envs.human.skeleton import N_ANGLES, SPREAD, HandSkeleton

Array = NDArray[np.float64]

OUTPUT = Path(__file__).parents[1] / "envs" / "human" / "grasps.npz"

BODY = 1
"""A grown person's, of middling size."""

WIDTHS = np.linspace(0.0, 1.1, 12)
"""Distances between the pads of thumb and fingers, in lengths of the palm (some 11 cm)."""

GRASPS: dict[str, tuple[int, ...]] = {"pinch": (1,), "tripod": (1, 2), "whole": (1, 2, 3, 4)}
"""Fingers that face the thumb."""

EASY_FLEXION = {True: (0.55, 0.55, 0.3), False: (0.25, 0.4, 0.25)}
"""Angles of a finger that takes part, and of one that does not, in radians from the rest pose."""

LIMITS = {"flexion": (-0.35, 1.3), "spread": (-0.25, 0.25), "thumb": (-0.6, 0.9), "turn": (-0.6, 0.6)}
"""Of the joints, in radians from the rest pose."""


def main() -> None:
    """Solve, and say how well it went."""
    skeleton = HandSkeleton(find_body(BODY))
    palm = skeleton.body.palm_length
    postures = np.empty((len(GRASPS), len(WIDTHS), N_ANGLES))
    for number, (name, fingers) in enumerate(GRASPS.items()):
        easy = easy_posture(fingers)
        guess = easy
        for column in reversed(range(len(WIDTHS))):
            guess = solve(skeleton, fingers, WIDTHS[column] * palm, easy, guess)
            postures[number, column] = guess
            pose = skeleton.pose(guess)
            gap = pose.pads[list(fingers)].mean(axis=0) - pose.pads[0]
            aligned = pose.facing[0] @ gap / max(float(np.linalg.norm(gap)), 1e-9)
            print(f"{name:7s} {WIDTHS[column] * palm:.3f} m: got {np.linalg.norm(gap):.3f}, facing {aligned:.2f}")
    np.savez_compressed(OUTPUT, postures=postures.astype(np.float32))
    print(f"{OUTPUT}: {OUTPUT.stat().st_size / 1e3:.1f} kB")


def easy_posture(fingers: tuple[int, ...]) -> Array:
    """Return the posture that the solution stays near to."""
    posture = np.zeros(N_ANGLES)
    for finger in range(1, 5):
        posture[3 * finger : 3 * finger + 3] = EASY_FLEXION[finger in fingers]
    posture[:3] = (0.1, 0.1, 0.2)
    return posture


def solve(skeleton: HandSkeleton, fingers: tuple[int, ...], width: float, easy: Array, guess: Array) -> Array:
    """Find the posture in which the thumb faces the fingers at a distance in metres."""
    chosen = list(fingers)
    low, high = bounds()

    def misfit(angles: Array) -> Array:
        pose = skeleton.pose(angles)
        gap = pose.pads[chosen].mean(axis=0) - pose.pads[0]
        # Where the gap is closed its direction is that between the ways that the pads face.
        facing = pose.facing[0] - pose.facing[chosen].mean(axis=0)
        direction = facing / max(float(np.linalg.norm(facing)), 1e-9)
        abreast = (pose.pads[chosen] - pose.pads[chosen].mean(axis=0)) @ direction
        bent = angles[:15].reshape(5, 3)[1:]
        return np.concatenate(
            [
                400 * (gap - width * direction),
                1.2 * (1 - pose.facing[0] @ direction + 1 + pose.facing[chosen] @ direction),
                150 * abreast,
                0.35 * (angles - easy),
                0.6 * (bent[:, 2] - 0.6 * bent[:, 1]),
                0.5 * np.diff(bent[[f - 1 for f in range(1, 5) if f not in chosen]], axis=0).ravel(),
            ]
        )

    return least_squares(misfit, guess.clip(low + 1e-3, high - 1e-3), bounds=(low, high)).x


def bounds() -> tuple[Array, Array]:
    """Return the least and the largest angles."""
    low, high = (np.full(N_ANGLES, limit) for limit in LIMITS["flexion"])
    low[:3], high[:3] = LIMITS["thumb"]
    low[SPREAD], high[SPREAD] = LIMITS["spread"]
    low[15], high[15] = LIMITS["thumb"]
    low[20], high[20] = LIMITS["turn"]
    return low, high


if __name__ == "__main__":
    main()
