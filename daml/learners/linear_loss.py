"""DAML with a linear loss: the ablation of the temporal loss, which sees single frames and the last layer alone."""

from torch import Tensor, nn

from daml.learners.prior import Prior
from daml.learners.temporal_loss import AdaptationLoss
from daml.policies.head import HeadOutput, PolicyConfig


class LinearLoss(AdaptationLoss):
    """The squared norm of a linear map of the last hidden layer, a mean over the frames.

    Args:
        policy: Sizes of the policy whose activations are read.

    References:
        Finn et al. (2017), arXiv 1709.04905, Sec. 4.2: the loss of a policy's last activations where there are no
        actions. Yu et al. (2018), arXiv 1802.01557, Sec. VI, call it the linear loss.
    """

    def __init__(self, policy: PolicyConfig) -> None:
        super().__init__()
        self.output = nn.Linear(policy.hidden_size, policy.action_size)  # what would be compared with an action

    @property
    def receptive_field(self) -> int:
        """Frames of the shortest video there is a loss for: one."""
        return 1

    def forward(self, output: HeadOutput) -> Tensor:
        """Measure a video.

        Args:
            output: What the policy's head computed for T frames.

        Returns:
            The loss, a scalar.
        """
        return self.output(output.hidden).square().sum(-1).mean()


class LinearPrior(Prior):
    """A prior whose inner step descends a linear loss; all else is as in the method.

    Args:
        config: Settings; those of the temporal loss are not used.
    """

    methods = ("daml-linear",)

    def create_loss(self) -> AdaptationLoss:
        """Create the loss that the inner step descends, untrained."""
        return LinearLoss(self.config.policy)
