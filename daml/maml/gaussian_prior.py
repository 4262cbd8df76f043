r"""Adaptation as inference: the loss is a negative log-factor, the initial parameters the mean of a Gaussian prior.

.. math:: \phi^* = \arg\min_\phi L(\phi) + \sum_i \frac{(\phi_i - \theta_i)^2}{2 \sigma_i^2}

is the most probable phi given the demonstration. A few plain gradient steps approximate it (Grant et al. 2018); with
the prior written into the inner objective, many steps on a single demonstration cannot run away from what meta-training
learned, which is what overfitting one video is.

References:
    Grant et al. (2018), arXiv 1801.08930. Rajeswaran et al. (2019), arXiv 1909.04630 (iMAML).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from torch import Tensor

from daml.maml.parameters import Loss, Parameters

Regularizer: TypeAlias = Callable[[Loss, Parameters], Loss]
"""Makes another inner loss of a loss and the parameters that adaptation starts from; `GaussianPrior` is one."""


_TINY = 1e-12
"""Variance where the step size is 0: the parameter stays where it is, and 0 / 0 would be no number."""


@dataclass(frozen=True, eq=False)
class GaussianPrior:
    r"""The regulariser :math:`L(\phi) \mapsto L(\phi) + \sum \|\phi - \theta\|^2 / (2 \sigma^2)`.

    The first step is not changed by it, since the penalty's gradient at :math:`\theta` is zero. Plain gradient steps of
    size :math:`\alpha` are stable while :math:`\alpha (h + 1 / \sigma^2) < 2`, where h is the loss's largest curvature.

    Raises:
        ValueError: A standard deviation that is a plain number is not positive.
    """

    scale: float | Tensor | Mapping[str, Tensor]
    """Standard deviation sigma: one for all parameters, or by name, broadcastable to the parameter.

    A parameter that the mapping does not name is not held back. To learn sigma, pass what a `LogSpace` returns.
    """

    signs: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])
    """-1 where steps climb the loss and the penalty is subtracted, by name; 1 where nothing is said."""

    @classmethod
    def of_step_sizes(cls, step_sizes: Mapping[str, Tensor], *, ratio: float = 1.0) -> "GaussianPrior":
        r"""Choose the prior that plain gradient steps of these sizes already stand for.

        One step of size :math:`\alpha` ends at the most probable parameters of the linearised loss when
        :math:`\sigma^2 = |\alpha|`. On the loss itself those are :math:`\phi^* = \theta - \alpha \nabla L(\phi^*)`: the
        gradient taken where the step ends, not where it begins. Smaller steps than :math:`\alpha` go there.

        A step size that was learned freely may be negative: its parameter then climbs the loss. There the penalty is
        subtracted, so that steps of this sign are held back as well, and the three statements above hold.

        Args:
            step_sizes: Step sizes in any form.
            ratio: :math:`\sigma^2 / |\alpha|`; larger holds back less.

        Returns:
            The regulariser.

        Raises:
            ValueError: The ratio is not positive.
        """
        if not ratio > 0:
            raise ValueError(f"ratio: expected a positive number, got {ratio}")
        return cls(
            scale={name: (ratio * size.abs()).clamp(min=_TINY).sqrt() for name, size in step_sizes.items()},
            signs={name: torch.where(size < 0, -1.0, 1.0) for name, size in step_sizes.items()},
        )

    def __post_init__(self) -> None:
        """Check a scale whose value is known."""
        if isinstance(self.scale, int | float) and not self.scale > 0:
            raise ValueError(f"scale: expected a positive standard deviation, got {self.scale}")

    def __call__(self, loss: Loss, mean: Parameters) -> Loss:
        """Add the negative log-density of the prior to a loss.

        Args:
            loss: Inner loss.
            mean: Parameters that adaptation starts from. Outer gradients flow into them.

        Returns:
            The regularised loss, of parameters keyed as `mean`.

        Raises:
            ValueError: The scale names a parameter that the mean has not.
        """
        names = set(self.scale) if isinstance(self.scale, Mapping) else set(mean)
        unknown = sorted(names - set(mean))
        if unknown:
            raise ValueError(f"scale: {unknown} name no parameter; the parameters are {sorted(mean)}")

        def regularized(parameters: Parameters) -> Tensor:
            penalties = [
                self._penalty(name, value - mean[name])
                for name, value in parameters.items()
                if name in names and value is not mean[name]  # one that does not adapt costs nothing
            ]
            value = loss(parameters)
            return value + torch.stack(penalties).sum() if penalties else value

        return regularized

    def _penalty(self, name: str, distance: Tensor) -> Tensor:
        """Return the negative log-density of a parameter at a distance from its mean, but for a constant."""
        scale = self.scale[name] if isinstance(self.scale, Mapping) else self.scale
        scaled = distance / scale
        return (self.signs.get(name, 1.0) * torch.real(scaled * scaled.conj())).sum() / 2
