"""A control step in ONNX Runtime (extra `fast`): the operations of the traced network, on the same numbers to 1e-5."""

import copy
import io
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.onnx import symbolic_helper

from daml.policies.control_network import (
    ControlNetwork,
    ControlStep,
    Decision,
    Memory,
    Tensors,
    split_estimate,
    untraced,
)
from daml.policies.head import VisuomotorHead
from daml.policies.tracking import Track
from daml.policies.visuomotor import VisuomotorPolicy
from daml.storage.digest import digest

_OPSET = 17
"""Version of ONNX's operations: the first with layer normalisation, which all versions of the extra's packages know."""

_TO_THE_END = 2**31 - 1
"""End of a slice that takes all that is left."""

_sessions: dict[Hashable, Any] = {}
"""What was compiled, by the policy's sizes and all weights but those that adapt, which are given with every step."""


class CompiledStep:
    """Does what `ControlStep` does in three quarters of the time (see `scripts/compare_compiled.py`).

    Compiling takes more than a second, once in a process for all policies that come from one prior. The first step of
    an episode is done without it.

    Args:
        policy: The policy; not copied. Weights that are changed later are not noticed.
        sizes: What else decides which operations are done, such as the size of the images.
        image: A frame, uint8 `(1, H, W, 3)`.
        states: Extended robot state, `(1, S)`.

    Raises:
        ImportError: ONNX or ONNX Runtime is not installed.
        ValueError: The policy is on another device than the CPU, or reads videos by layers of its own.
    """

    def __init__(self, policy: VisuomotorPolicy, *, sizes: Hashable, image: Tensor, states: Tensor) -> None:
        if type(policy.head) is not VisuomotorHead or image.device.type != "cpu":
            raise ValueError(
                f"compile: expected a policy that adapts, on the CPU; got a {type(policy.head).__name__} on "
                f"{image.device.type}; use it as it is"
            )
        with untraced():
            self._plain = ControlStep(policy, sizes=sizes, image=image, states=states)
        key = sizes, digest(tensors=[value for name, value in policy.state_dict().items() if not _adapts(name)])
        if key not in _sessions:
            first = self._plain.decide(image, states=states, memory=None)
            _sessions[key] = _compiled(policy, (image, states, *first.memory))
        self.session = _sessions[key]
        self._needed = {each.name for each in self.session.get_inputs()}
        self._binding = self.session.io_binding()
        for each in self.session.get_outputs():
            self._binding.bind_output(each.name)
        self._held: dict[str, Any] = {}
        self._first: Tensors | None = None
        self._bind({name: value.detach() for name, value in policy.named_parameters() if _adapts(name)})

    def decide(self, image: Tensor, *, states: Tensor, memory: Memory | None) -> Decision:
        """Choose what to do now: see `ControlStep.decide`."""
        if memory is None:
            return self._plain.decide(image, states=states, memory=None)
        named = _named(image, states, *memory)
        if memory.first is self._first:  # bound in an earlier step of the episode
            named = {name: value for name, value in named.items() if not name.startswith("first.")}
        self._bind(named)
        self._first = memory.first
        self.session.run_with_iobinding(self._binding)
        actions, *others = (torch.as_tensor(value) for value in self._binding.copy_outputs_to_cpu())
        n_track = len(Track._fields)
        goal, evidence = split_estimate(others[n_track:])
        return Decision(actions, goal, Memory(memory.first, evidence, tuple(others[:n_track])))

    def _bind(self, named: Mapping[str, Tensor]) -> None:
        """Give tensors by name, which are read in place until others are given."""
        for name, value in named.items():
            if name in self._needed:
                self._held[name] = value.contiguous().numpy()
                self._binding.bind_cpu_input(name, self._held[name])


class _Step(nn.Module):
    """A control step after the first, as one function of what changes from step to step."""

    def __init__(self, policy: VisuomotorPolicy) -> None:
        super().__init__()
        self.network = ControlNetwork(policy)

    def forward(self, image: Tensor, states: Tensor, first: Tensors, evidence: Tensors, track: Tensors) -> Tensors:
        """Return action, track, goal and evidence, laid flat."""
        estimate = self.network.estimate(self.network.see(image), first, states, evidence)
        goal, _ = split_estimate(estimate)
        return *self.network.react(tuple(goal), states, track), *estimate


class _StepOfHead(nn.Module):
    """The same as a function of the head's parameters, too: what is traced cannot be called with others."""

    def __init__(self, policy: VisuomotorPolicy) -> None:
        super().__init__()
        self.step = _Step(copy.deepcopy(policy))
        modules = self.step.network.policy.head.modules()
        self._homes = [(module, name) for module in modules for name, _ in module.named_parameters(recurse=False)]
        for module, name in self._homes:
            delattr(module, name)

    def forward(self, head: Tensors, image: Tensor, states: Tensor, *memory: Tensors) -> Tensors:
        """Return what `_Step` does with these parameters."""
        for (module, name), value in zip(self._homes, head, strict=True):
            setattr(module, name, value)
        return self.step(image, states, *memory)


def _adapts(name: str) -> bool:
    """Tell whether a tensor of a policy belongs to the part that adapts."""
    return name.startswith("head.")


def _named(image: Tensor, states: Tensor, *memory: Tensors) -> dict[str, Tensor]:
    """Name what changes from step to step, in the order in which it is given."""
    named = {"image": image, "states": states}
    for field, values in zip(Memory._fields, memory, strict=True):
        named |= {f"{field}.{number}": value for number, value in enumerate(values)}
    return named


def _compiled(policy: VisuomotorPolicy, example: tuple[Any, ...]) -> Any:  # noqa: ANN401 - the package ships no types
    """Write the network as an ONNX graph, and read it into ONNX Runtime."""
    try:
        runtime: Any = import_module("onnxruntime")
        import_module("onnx")  # the exporter's own message does not tell what to install
    except ImportError as error:
        raise ImportError(
            f"compile needs {error.name}, which is not installed: pip install 'daml-imitation[fast]'"
        ) from error
    exporter: Any = import_module("torch.onnx")
    head = {name: value.detach() for name, value in policy.named_parameters() if _adapts(name)}
    for name, symbolic in _SYMBOLICS.items():
        exporter.register_custom_op_symbolic(f"aten::{name}", symbolic, _OPSET)
    graph = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # sizes of tensors become constants, as they are; deprecated in favour of an
        # exporter that takes tens of seconds
        exporter.export(
            _StepOfHead(policy),
            (tuple(head.values()), *example),
            graph,
            input_names=[*head, *_named(*example)],
            opset_version=_OPSET,
            dynamo=False,
            custom_opsets={"com.microsoft": 1},
        )
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = torch.get_num_threads()
    return runtime.InferenceSession(graph.getvalue(), options, providers=["CPUExecutionProvider"])


def _log_sigmoid(graph: Any, values: Any) -> Any:  # noqa: ANN401 - torch's own is not typed
    """Write it so that it is finite far below zero, too."""
    return graph.op("Neg", graph.op("Softplus", graph.op("Neg", values)))


def _inverse(graph: Any, matrix: Any) -> Any:  # noqa: ANN401 - likewise
    """Write the inverse of a matrix, which ONNX itself does not have."""
    return graph.op("com.microsoft::Inverse", matrix).setType(matrix.type())


@symbolic_helper.parse_args("v", "i", "i", "none")
def _chunks(graph: Any, values: Any, number: int, axis: int, _outputs: int) -> Any:  # noqa: ANN401 - likewise
    """Write the split of a recurrent layer's gates, which are equally many."""
    return graph.op("Split", values, axis_i=axis, outputs=number)


@symbolic_helper.parse_args("v", "is", "i")
def _parts(graph: Any, values: Any, ends: Sequence[int], axis: int) -> Any:  # noqa: ANN401 - likewise
    """Write a split at constant places as slices: the exporter's own is a loop."""

    def constant(number: int) -> Any:  # noqa: ANN401 - likewise
        return graph.op("Constant", value_t=torch.tensor([number]))

    bounds = pairwise([0, *ends, _TO_THE_END])
    slices = [graph.op("Slice", values, constant(begin), constant(end), constant(axis)) for begin, end in bounds]
    return graph.op("prim::ListConstruct", *slices)


_SYMBOLICS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "inverse": _inverse,
        "linalg_inv": _inverse,
        "log_sigmoid": _log_sigmoid,
        "tensor_split": _parts,
        "unsafe_chunk": _chunks,
    }
)
"""How operations are written that the exporter does not know, or writes badly."""
