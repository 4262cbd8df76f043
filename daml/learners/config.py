"""Settings of a prior, saved beside its weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import tyro

from daml.learners.temporal_loss import TemporalLossConfig
from daml.policies.head import PolicyConfig
from daml.storage.settings_check import check_settings

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
    human_frames: int = 16
    """Frames that a human video is resampled to: its first, then evenly spaced ones from the part in which it moves."""
    inner_steps: int = field(default=1, metadata={"least": 0})
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
        """Check the strength of the inner regulariser.

        Raises:
            ValueError: The variance is not positive.
        """
        if self.inner_variance is not None and not self.inner_variance > 0:
            raise ValueError(f"inner_variance: expected a positive number or None, got {self.inner_variance}")

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
            config = cls(
                policy=PolicyConfig(**policy),
                temporal_loss=TemporalLossConfig(**temporal_loss),
                image_size=tuple(values.pop("image_size")),
                **values,
            )
            check_settings(config)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"config.json: not the settings of a prior ({error})") from error
        if len(config.image_size) != 2:
            raise ValueError(f"config.json: image_size: expected a height and a width, got {config.image_size}")
        return config
