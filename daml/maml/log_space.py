"""Positive tensors held by their logarithms: learned step sizes and strengths that can never change sign."""

from torch import Tensor, nn

from daml.maml.parameters import Parameters


class LogSpace(nn.Module):
    """Named positive tensors, learned as their logarithms.

    A gradient step on a logarithm multiplies: step sizes of 0.001 and of 1 learn equally fast, and none becomes
    negative, which would climb the inner loss instead of descending it.

    Args:
        values: Initial values, positive. Copied; one tensor under several names is learned as one.

    Raises:
        ValueError: A value is not positive.

    Example:
        >>> import torch
        >>> step_sizes = LogSpace({"layer.weight": torch.tensor(0.1)})
        >>> round(step_sizes()["layer.weight"].item(), 3)
        0.1
    """

    def __init__(self, values: Parameters) -> None:
        super().__init__()
        for name, value in values.items():
            if not bool((value > 0).all()):
                raise ValueError(
                    f"{name}: expected positive values, of which the logarithm is taken, got {value.min()}"
                )
        owners: dict[int, str] = {}
        self._keys = {name: owners.setdefault(id(value), _key(name)) for name, value in values.items()}
        for name, value in values.items():
            self.register_parameter(self._keys[name], nn.Parameter(value.detach().log()))

    def forward(self) -> dict[str, Tensor]:
        """Return the values by their names, differentiable with respect to the logarithms."""
        held: dict[str, Tensor | None] = dict(self._parameters)  # tensors of any kind under `functional_call`
        return {name: value.exp() for name, key in self._keys.items() if (value := held[key]) is not None}


def _key(name: str) -> str:
    """Name a parameter as a module may: without dots, and like none of a module's own attributes."""
    return "log " + name.replace("%", "%25").replace(".", "%2E")
