"""Settings of a meta-training run."""

from dataclasses import dataclass, field

from daml.batches.augmentation import AugmentationConfig
from daml.batches.batch import BatchConfig
from daml.learners.config import PriorConfig
from daml.storage.settings_check import check_least
from daml.training.behavior_cloning import BehaviorCloningConfig


@dataclass(frozen=True)
class MetaTrainingConfig:
    """Settings of a meta-training run."""

    steps: int = 6000
    """Meta-steps."""
    seed: int = 0
    """Seed of initial weights, batches and augmentation."""
    meta_learning_rate: float = 3e-3
    """Peak of the one-cycle schedule."""
    trunk_rate_share: float = 0.0
    """Learning rate of the pretrained trunk as a share of the others'; 0 keeps it as it is, at a third of the time."""
    warmup_share: float = 0.03
    """Share of the steps in which the learning rate rises to its peak."""
    max_gradient_norm: float = 10.0
    """Largest norm of the meta-gradient of all parameters together."""
    average_decay: float = 0.999
    """Decay of the moving average of the weights, which is the prior that is kept."""
    log_every: int = 20
    """Steps between two lines of metrics.jsonl; figures are means over them."""
    validate_every: int = 2500
    """Steps between two validations."""
    save_every: int = 200
    """Steps between two saves of the state that a stopped run resumes from."""
    prior: PriorConfig = field(default_factory=PriorConfig)
    """Settings of the prior."""
    batch: BatchConfig = field(default_factory=BatchConfig)
    """What a meta-batch holds."""
    cached_clips: int = 16000
    """Clips that are drawn and augmented once, and whose feature maps are cached. Once all are cached, a step takes a
    third of the time or less; each takes 0.6 MB of the output folder. 0 draws new clips at every step, as always
    happens where the trunk learns."""
    cached_clips_folder: str | None = None
    """Folder of the cache, which other runs with the same trunk, tasks, augmentation and seed then share. By default it
    lies in the output folder while the run lasts, as the cache of corrected clips always does."""
    tasks_at_once: int = 16
    """Tasks of a meta-batch in memory at a time. Changes speed and memory, not the gradient: with 4 it takes half as
    much again, and 0.1 GB less, or 0.5 GB where the trunk looks at new images."""
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    """Random changes of the images."""
    behavior_cloning: BehaviorCloningConfig = field(default_factory=BehaviorCloningConfig)
    """Weights of the outer loss."""

    def __post_init__(self) -> None:
        """Check the numbers that must fit together.

        Raises:
            ValueError: A number is too small, states would be saved between two lines of metrics, or the frames per
                clip disagree.
        """
        check_least(self, {"steps": 1, "seed": 0, "meta_learning_rate": 0, "cached_clips": 0, "tasks_at_once": 1})
        check_least(self, {"log_every": 1, "validate_every": 1, "save_every": 1, "trunk_rate_share": 0})
        if self.save_every % self.log_every:
            raise ValueError(
                f"save_every: expected a multiple of log_every ({self.log_every}), so that a resumed run writes the "
                f"same metrics, got {self.save_every}"
            )
        if self.batch.human_frames != self.prior.human_frames:
            raise ValueError(
                f"batch.human_frames is {self.batch.human_frames}, but prior.human_frames is {self.prior.human_frames};"
                " a prior must be trained on as many frames as it will adapt to"
            )
