"""Write trained weights as the int8 ONNX graph that the package ships.

    python -m training.export WEIGHTS OUT.onnx

The graph takes one window at a time, without padding, so that the result for a window cannot
depend on the batch it is in.
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

from quotedex.extract.attribute.decode import Scores
from training.network import Layer, Network, Output, load_network
from training.quantization import set_quantization

MIN_INT8_SIZE = 100_000  # numbers in a tensor from which it is stored as int8
LOWER = "lower_layers"  # in the graph's metadata: how many layers read all tokens
INPUTS = ("ids", "types", "outside", "opening", "closing")


class SingleWindow(nn.Module):
    """The network over one window: its inputs without batches and masks."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, ids: Tensor, types: Tensor, outside: Tensor, opening: Tensor, closing: Tensor
    ) -> Output:
        window = torch.zeros_like(opening)
        return self.network(  # type: ignore[no-any-return]
            ids[None], types[None], None, outside[None], None, window, opening, closing
        )


class WindowLayer(Layer):
    """A layer whose attention is one fused node of ONNX Runtime, a tenth faster than its parts."""

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        return _Attention.apply(query, key, value, self.heads)  # type: ignore[no-any-return]


class _Attention(torch.autograd.Function):
    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        node = graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads)
        return node.setType(query.type())

    @staticmethod
    def forward(_context: Any, query: Tensor, _key: Tensor, _value: Tensor, _heads: int) -> Tensor:
        return query  # only its shape matters while the graph is traced


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path, help="a safetensors file that training.train wrote")
    parser.add_argument("out", type=Path, help="the ONNX file to write")
    options = parser.parse_args()
    export(options.weights, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def export(weights: Path, out: Path) -> None:
    """Write safetensors weights as an int8 ONNX file. Its inputs are INPUTS, its outputs are named
    like the fields of `Scores`, which the package reads them into."""
    network = load_network(weights).eval()
    for layer in network.layers:
        layer.__class__ = WindowLayer
    set_quantization(network, False)  # nodes of the graph do it
    length = torch.full((9,), 1000)
    outside = torch.arange(0, 9, 2)
    example = (length, length * 0, outside, torch.tensor([1, 3]), torch.tensor([2, 4]))
    with tempfile.TemporaryDirectory() as folder:
        float32 = Path(folder) / "float32.onnx"
        torch.onnx.export(
            SingleWindow(network),
            example,
            str(float32),
            input_names=list(INPUTS),
            output_names=list(Scores._fields),
            dynamic_axes={
                "ids": {0: "tokens"},
                "types": {0: "tokens"},
                "outside": {0: "outside"},
                "opening": {0: "queries"},
                "closing": {0: "queries"},
            },
            opset_version=17,
            dynamo=False,
        )
        products = Path(folder) / "products.onnx"
        quantize_products(float32, products)
        quantize_tensors(products, out, {LOWER: str(int(network.lower))})


def quantize_products(source: Path, out: Path) -> None:
    """The graph with its products over all tokens in int8, as `training.quantization` trains it."""
    quantize_dynamic(
        source,
        out,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,  # to seven bits
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


def quantize_tensors(source: Path, out: Path, metadata: dict[str, str]) -> None:
    """The graph with its other large tensors as int8 and one scale for each row or column, and with
    `metadata`.

    This saves space, not time: the products of the heads are still computed in float32.
    """
    model = onnx.load(source)
    graph = model.graph
    large = {
        tensor.name: tensor
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and as_array(tensor).size > MIN_INT8_SIZE
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        name = next((name for name in node.input if name in large), None)
        if name is None:
            nodes.append(node)
            continue
        weights = as_array(large[name])
        axis = (
            0 if node.op_type == "Gather" or is_transposed(node) else 1
        )  # has one scale per index
        scale = np.abs(weights).max(1 - axis, keepdims=True) / 127
        quantized = np.rint(weights / scale).astype(np.int8)
        graph.initializer.append(numpy_helper.from_array(quantized, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        if node.op_type == "Gather":
            nodes += dequantized_rows(node, name)
        else:
            # Arithmetic on constants: the runtime does it once, when it loads the graph.
            nodes += dequantize(f"{name}.int8", f"{name}.scale", f"{name}.float")
            node.input[list(node.input).index(name)] = f"{name}.float"
            nodes.append(node)
        graph.initializer.remove(large[name])
    del graph.node[:]
    graph.node.extend(nodes)
    helper.set_model_props(model, metadata)
    onnx.save(model, out)


def as_array(tensor: onnx.TensorProto) -> NDArray[np.float32]:
    return numpy_helper.to_array(tensor)


def is_transposed(node: onnx.NodeProto) -> bool:
    """Whether the weights of a product are stored as (outputs, inputs)."""
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)


def dequantized_rows(node: onnx.NodeProto, name: str) -> list[onnx.NodeProto]:
    """A lookup of rows in an int8 tensor, each row multiplied by its scale."""
    index, result = node.input[1], node.output[0]
    return [
        helper.make_node("Gather", [f"{name}.int8", index], [f"{result}.rows"]),
        helper.make_node("Gather", [f"{name}.scale", index], [f"{result}.scales"]),
        *dequantize(f"{result}.rows", f"{result}.scales", result),
    ]


def dequantize(quantized: str, scale: str, result: str) -> list[onnx.NodeProto]:
    """The float32 values of an int8 tensor."""
    return [
        helper.make_node("Cast", [quantized], [f"{result}.cast"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{result}.cast", scale], [result]),
    ]


if __name__ == "__main__":
    main()
