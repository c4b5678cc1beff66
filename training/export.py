"""Write trained weights as the int8 ONNX graph that the package ships.

    python -m training.export WEIGHTS OUT.onnx

The graph takes one window at a time, without padding, so that a window's result cannot depend on
the batch that it is in.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.network import Layer, Network, Output, from_weights
from training.quantization import with_rounding

LARGE = 100_000  # numbers in a table from which it is stored as int8
INPUTS = ("ids", "types", "opening", "closing")


class OneWindow(nn.Module):
    """The network over a batch of one window of T tokens and Q queries."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, types: Tensor, opening: Tensor, closing: Tensor) -> Output:
        window = torch.zeros_like(opening)
        return self.network(ids[None], types[None], None, window, opening, closing)  # type: ignore[no-any-return]


class WindowLayer(Layer):
    """A layer whose attention is one node of ONNX Runtime's, a tenth faster than its parts."""

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        return _Attention.apply(query, key, value, self.heads)  # type: ignore[no-any-return, no-untyped-call]


class _Attention(torch.autograd.Function):
    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        node = graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads)
        return node.setType(query.type())

    @staticmethod
    def forward(_context: Any, query: Tensor, _key: Tensor, _value: Tensor, _heads: int) -> Tensor:
        return query  # only its shape matters while the graph is drawn


def export(weights: Path, out: Path) -> None:
    """Weights (safetensors) to an int8 ONNX file with inputs INPUTS and the outputs of `Output`."""
    network = from_weights(weights).eval()
    for layer in network.layers:
        layer.__class__ = WindowLayer
    with_rounding(network, False)  # the graph's own nodes do it
    length = torch.full((9,), 1000)
    example = (length, length * 0, torch.tensor([2, 5]), torch.tensor([3, 7]))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "float32.onnx"
        torch.onnx.export(
            OneWindow(network),
            example,
            str(whole),
            input_names=list(INPUTS),
            output_names=list(Output._fields),
            dynamic_axes={
                "ids": {0: "tokens"},
                "types": {0: "tokens"},
                "opening": {0: "queries"},
                "closing": {0: "queries"},
            },
            opset_version=17,
            dynamo=False,
        )
        products = Path(folder) / "products.onnx"
        round_products(whole, products)
        round_tables(products, out)


def round_products(whole: Path, out: Path) -> None:
    """The graph with the products over all tokens in int8, as `training.quantization` trains it."""
    quantize_dynamic(
        whole,
        out,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,  # to seven bits
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


def round_tables(whole: Path, out: Path) -> None:
    """The graph with its other large tables as int8 and a scale for each row or column.

    These take part in hardly any computing: the heads' products are taken in float32.
    """
    model = onnx.load(whole)
    graph = model.graph
    tables = {
        tensor.name: tensor
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and numpy_of(tensor).size > LARGE
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        name = next((name for name in node.input if name in tables), None)
        if name is None:
            nodes.append(node)
            continue
        weights = numpy_of(tables[name])
        axis = 0 if node.op_type == "Gather" or transposed(node) else 1  # of one scale each
        scale = np.abs(weights).max(1 - axis, keepdims=True) / 127
        rounded = np.rint(weights / scale).astype(np.int8)
        graph.initializer.append(numpy_helper.from_array(rounded, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        if node.op_type == "Gather":
            nodes += gathered(node, name)
        else:
            # Plain arithmetic on constants, which the runtime does once, when it loads the graph.
            nodes += floats(f"{name}.int8", f"{name}.scale", f"{name}.float")
            node.input[list(node.input).index(name)] = f"{name}.float"
            nodes.append(node)
        graph.initializer.remove(tables[name])
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, out)


def numpy_of(tensor: onnx.TensorProto) -> NDArray[np.float32]:
    return numpy_helper.to_array(tensor)


def transposed(node: onnx.NodeProto) -> bool:
    """Whether a product takes its weights as (outputs, inputs)."""
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)


def gathered(node: onnx.NodeProto, name: str) -> list[onnx.NodeProto]:
    """Rows of an int8 table, each times its scale."""
    index, result = node.input[1], node.output[0]
    return [
        helper.make_node("Gather", [f"{name}.int8", index], [f"{result}.rows"]),
        helper.make_node("Gather", [f"{name}.scale", index], [f"{result}.scales"]),
        *floats(f"{result}.rows", f"{result}.scales", result),
    ]


def floats(rounded: str, scale: str, result: str) -> list[onnx.NodeProto]:
    """The numbers that an int8 table stands for."""
    return [
        helper.make_node("Cast", [rounded], [f"{result}.cast"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{result}.cast", scale], [result]),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    export(options.weights, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
