"""Products of eight-bit numbers, simulated in training so that the weights get used to them.

The shipped graph rounds as ONNX Runtime's dynamic quantization does: a row of weights to 129
levels around zero (seven bits, so that sums of two products of 7 by 8 bits fit 16, on every
processor), and the inputs of a product to 256 levels over the range that they have in one window.
"""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Module = TypeVar("Module", bound=nn.Module)
LEVELS_EACH_SIDE = 64  # of a weight
STEPS = 255  # of an input, from its lowest to its highest value


class RoundedLinear(nn.Linear):
    """A linear layer over windows (B, T, width), with weights and inputs rounded.

    The gradient passes as if nothing were rounded (a straight-through estimator). `rounds` False
    makes it a plain linear layer: a teacher's.
    """

    rounds = True

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.rounds:
            return super().forward(inputs)
        return nn.functional.linear(
            passed(rounded_inputs, inputs), passed(rounded_weights, self.weight), self.bias
        )


def with_rounding(network: Module, rounds: bool) -> Module:
    """`network`, its layers rounding or not."""
    for module in network.modules():
        if isinstance(module, RoundedLinear):
            module.rounds = rounds
    return network


def passed(rounding: Any, given: Tensor) -> Tensor:
    """`rounding(given)`, with the gradient of `given`."""
    return _Passed.apply(given, rounding)  # type: ignore[no-any-return, no-untyped-call]


class _Passed(torch.autograd.Function):
    @staticmethod
    def forward(_context: Any, given: Tensor, rounding: Any) -> Tensor:
        return rounding(given)  # type: ignore[no-any-return]

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def rounded_weights(weights: Tensor) -> Tensor:
    """(outputs, inputs) at the nearest levels; each row has steps of its own."""
    step = weights.abs().amax(1, keepdim=True).clamp(min=1e-9) / LEVELS_EACH_SIDE
    return (weights / step).round_().mul_(step)


def rounded_inputs(inputs: Tensor) -> Tensor:
    """(B, T, width) at the nearest of 256 levels, zero among them; each window has its range."""
    low = inputs.amin((1, 2), keepdim=True).clamp(max=0)
    high = inputs.amax((1, 2), keepdim=True).clamp(min=0)
    step = ((high - low) / STEPS).clamp(min=1e-9)
    lowest = torch.round(low / step)
    return (inputs / step).round_().clamp_(lowest, lowest + STEPS).mul_(step)
