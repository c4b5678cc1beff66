"""Quantization-aware training: eight-bit products are simulated, so that the weights adapt to them.

The shipped graph quantizes as ONNX Runtime's dynamic quantization does: a row of weights to 129
levels around zero (seven bits, so that sums of two products of 7 by 8 bits fit 16, on every
processor), and the activations of a product to 256 levels over their range in one window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Module = TypeVar("Module", bound=nn.Module)
LEVELS_EACH_SIDE = 64  # of a weight
STEPS = 255  # of an activation, from its lowest to its highest value


class QuantizedLinear(nn.Linear):
    """A linear layer over windows (B, T, width) whose weights and inputs are fake-quantized.

    Gradients pass straight through the quantization. With `quantize` False it is a plain linear
    layer, as a teacher's.
    """

    quantize = True

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.quantize:
            return super().forward(inputs)
        return nn.functional.linear(
            straight_through(quantized_activations, inputs),
            straight_through(quantized_weights, self.weight),
            self.bias,
        )


def set_quantization(network: Module, quantize: bool) -> Module:
    """`network`, its layers fake-quantized or not."""
    for module in network.modules():
        if isinstance(module, QuantizedLinear):
            module.quantize = quantize
    return network


def straight_through(quantize: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """`quantize(values)`, with the gradient of `values` (a straight-through estimator)."""
    return _StraightThrough.apply(values, quantize)  # type: ignore[no-any-return]


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(_context: Any, values: Tensor, quantize: Callable[[Tensor], Tensor]) -> Tensor:
        return quantize(values)

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def quantized_weights(weights: Tensor) -> Tensor:
    """(outputs, inputs) at the nearest levels; each row has its own step."""
    step = weights.abs().amax(1, keepdim=True).clamp(min=1e-9) / LEVELS_EACH_SIDE
    return (weights / step).round_().mul_(step)


def quantized_activations(inputs: Tensor) -> Tensor:
    """(B, T, width) at the nearest of 256 levels, one of them zero; each window has its range."""
    low = inputs.amin((1, 2), keepdim=True).clamp(max=0)
    high = inputs.amax((1, 2), keepdim=True).clamp(min=0)
    step = ((high - low) / STEPS).clamp(min=1e-9)
    lowest = torch.round(low / step)
    return (inputs / step).round_().clamp_(lowest, lowest + STEPS).mul_(step)
