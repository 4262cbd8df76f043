"""The prior: a policy's initial parameters, the temporal loss and the step sizes, which only have meaning together."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from daml.maml import GaussianPrior, Parameters, Regularizer, step_size_per_tensor
from daml.saved_folder import SavedFolder, check_tensors
from daml.settings_check import check_settings
from daml.temporal_loss import TemporalLoss, TemporalLossConfig
from policies.visuomotor import PolicyConfig, VisuomotorPolicy


@dataclass(frozen=True)
class PriorConfig:
    """Settings of a prior, saved beside its weights."""

    policy: PolicyConfig = field(default_factory=PolicyConfig)
    """Sizes of the policy."""
    temporal_loss: TemporalLossConfig = field(default_factory=TemporalLossConfig)
    """Sizes of the temporal loss."""
    image_size: tuple[int, int] = (96, 96)
    """Height and width of the images, in pixels."""
    human_frames: int = 16
    """Frames that a human video is resampled to, evenly spaced in time."""
    inner_steps: int = 1
    """Gradient steps of an adaptation."""
    initial_step_size: float = 1.0
    """Step size of each parameter tensor before meta-training."""
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
            policy["channels"] = tuple(policy["channels"])
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


class StepSizes(nn.Module):
    """The learned step sizes of the inner loop.

    Args:
        step_sizes: Initial step sizes by the name of the parameter they belong to.
    """

    def __init__(self, step_sizes: Parameters) -> None:
        super().__init__()
        self._names = {name: name.replace(".", "/") for name in step_sizes}  # a module's own names hold no dots
        self.values = nn.ParameterDict({self._names[name]: value for name, value in step_sizes.items()})

    def forward(self) -> dict[str, Tensor]:
        """Return the step sizes by the name of the parameter they belong to."""
        return {name: self.values[key] for name, key in self._names.items()}


class Prior(nn.Module):
    """What meta-training learns: theta (the policy), psi (the temporal loss) and alpha (the step sizes).

    Args:
        config: Settings.
    """

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config = config
        self.policy = VisuomotorPolicy(config.policy)
        self.temporal_loss = TemporalLoss(config.temporal_loss, config.policy)
        self.step_sizes = StepSizes(step_size_per_tensor(self.initial_parameters(), size=config.initial_step_size))

    def initial_parameters(self) -> dict[str, Tensor]:
        """Return the parameters that adaptation starts from, keyed as `prior.policy.head.named_parameters()`."""
        return dict(self.policy.head.named_parameters())

    def regularizer(self) -> Regularizer | None:
        """Return what holds adapted parameters near the initial ones in several inner steps; None for nothing."""
        if self.config.inner_variance is None:
            return None
        return GaussianPrior.of_step_sizes(self.step_sizes(), ratio=self.config.inner_variance)

    def save_pretrained(self, path: str | Path) -> None:
        """Write the prior as a folder of `config.json` and `model.safetensors`, whole or not at all.

        Args:
            path: The folder; an earlier prior there is replaced.

        Raises:
            ValueError: The path is a file, or a folder with other files in it.
        """
        SavedFolder(kind="prior", settings=dataclasses.asdict(self.config), tensors=self.state_dict()).write(path)

    @classmethod
    def from_pretrained(cls, path: str | Path) -> "Prior":
        """Read a prior written by `save_pretrained`.

        Args:
            path: The folder.

        Returns:
            The prior, in evaluation mode, on the CPU.

        Raises:
            ValueError: The folder is missing, incomplete, corrupt, of another format version or no prior at all.
        """
        folder = SavedFolder.read(path, kind="prior")
        try:
            config = PriorConfig.from_json(folder.settings)
            with torch.device("meta"):  # sizes that the tensors do not have take no memory
                expected = cls(config).state_dict()
        except (ValueError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path}: {' '.join(str(error).split())}") from error
        check_tensors(path, folder.tensors, expected=expected)
        prior = cls(config)
        prior.load_state_dict(dict(folder.tensors))
        return prior.eval()
