"""Settings of a prior, saved beside its weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import tyro

from daml.learners.temporal_loss import TemporalLossConfig
from daml.policies.head import PolicyConfig
from daml.storage.settings_check import check_settings

MOST_FRAMES = 1_000
"""Frames that a video is resampled to; 16 do, and ten times as many have gained nothing."""

LONGEST_SIDE = 4_096
"""Height and width of images, in pixels; more than any camera's film is shrunk to."""

MOST_INNER_STEPS = 100
"""Gradient steps of an adaptation; the literature takes one to ten."""

LARGEST_MAPS = 200_000_000
"""Numbers of all frames' pixels times the widest layer: 20 times the default's, and up to a gigabyte of memory."""

_LONGEST_REASON = 300
"""Characters of what is wrong with settings from a file, which may hold names of any length."""

MethodName = Literal["daml", "daml-linear", "daml-paper", "contextual", "lstm", "transformer", "bc"]
"""Names of the methods (see `learners.LEARNERS`)."""


@dataclass(frozen=True)
class PriorConfig:
    """Settings of a prior, saved beside its weights."""

    method: Annotated[MethodName, tyro.conf.arg(prefix_name=False)] = "daml"
    """How the human video is used. daml: one gradient step on a learned temporal loss; daml-linear: on a linear loss;
    daml-paper: as in Yu et al. 2018, whose settings then hold; contextual, lstm, transformer: the video is read by a
    network, without a gradient step; bc: not at all."""
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    """Sizes of the policy."""
    temporal_loss: TemporalLossConfig = field(default_factory=TemporalLossConfig)
    """Sizes of the temporal loss."""
    image_size: tuple[int, int] = (96, 96)
    """Height and width of the images, in pixels."""
    human_frames: int = field(default=16, metadata={"most": MOST_FRAMES})
    """Frames that a human video is resampled to: its first, then evenly spaced ones from the part in which it moves."""
    inner_steps: int = field(default=1, metadata={"least": 0, "most": MOST_INNER_STEPS})
    """Gradient steps of an adaptation; 0 for none, with which the video has no say."""
    initial_step_size: float = 1.0
    """Step size of each parameter tensor before meta-training."""
    learned_step_sizes: bool = True
    """Whether meta-training learns the step sizes; if not, they stay as they are at first."""
    inner_gradient: Literal["second-order", "first-order"] = "second-order"
    """Whether meta-training differentiates through the inner gradient. First order, the loss of the inner step is not
    learned, since it acts through that gradient alone."""
    gradient_clip: float = 10.0
    """Largest absolute value of an element of the inner gradient."""
    inner_variance: float | None = None
    """Variance per step size of the Gaussian prior that holds several inner steps near the start; none when None."""
    provenance: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where the prior comes from: data, training settings, scores. Free form."""

    def __post_init__(self) -> None:
        """Check types and sizes.

        Raises:
            ValueError: A field is of another type or out of range, or an adaptation would take more memory than
                machines have; the message names it.
        """
        check_settings(self)
        if self.inner_variance is not None and not self.inner_variance > 0:
            raise ValueError(f"inner_variance: expected a positive number or None, got {self.inner_variance}")
        height, width = self.image_size
        if max(height, width) > LONGEST_SIDE:
            raise ValueError(f"image_size: expected at most {LONGEST_SIDE} px a side, got {height} x {width}")
        widest = max(*self.policy.channels, self.policy.n_points)
        if self.human_frames * height * width * widest > LARGEST_MAPS:
            raise ValueError(
                f"image_size, human_frames: {self.human_frames} frames of {height} x {width} px and a layer {widest} "
                f"wide are {self.human_frames * height * width * widest:,} numbers; expected at most {LARGEST_MAPS:,}"
            )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "PriorConfig":
        """Build the settings from what `dataclasses.asdict` and JSON made of them.

        Args:
            document: A JSON object.

        Returns:
            The settings.

        Raises:
            ValueError: A field is unknown, of another type, or no size that a network could have.
        """
        try:
            values = dict(document)
            policy: dict[str, Any] = dict(values.pop("policy"))
            policy |= {name: tuple(policy[name]) for name in ("channels", "table_heights") if name in policy}
            temporal_loss: dict[str, Any] = dict(values.pop("temporal_loss"))
            return cls(
                policy=PolicyConfig(**policy),
                temporal_loss=TemporalLossConfig(**temporal_loss),
                image_size=tuple(values.pop("image_size")),
                **values,
            )
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise ValueError(f"config.json: not the settings of a prior ({reason})") from error
