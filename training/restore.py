"""Turn the shipped int8 graph back into float32 weights, from which training can go on.

    python -m training.restore src/quotedex/model/attribution.onnx OUT.safetensors

The weights are those of the graph, so what quantization rounded off stays lost.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.torch import save_file

from training.export import LOWER
from training.network import Network, Shape

Arrays = dict[str, NDArray[Any]]  # by the names in the graph
PREFIX = "network."  # of the names in the graph, which `export.SingleWindow` gives


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("graph", type=Path, help="an ONNX file that training.export wrote")
    parser.add_argument("out", type=Path, help="the safetensors file to write")
    options = parser.parse_args()
    save_file(restore(options.graph), options.out)


def restore(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a graph under the names of `Network`. Raises ValueError if one is missing."""
    model = onnx.load(path)
    graph = model.graph
    tensors: Arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = dict(_by_name(tensors)) | dict(_of_products(graph, tensors))
    layers = 1 + max(int(name.split(".")[1]) for name in found if name.startswith("layers."))
    metadata = {each.key: each.value for each in model.metadata_props}
    found["lower"] = np.array(int(metadata.get(LOWER, layers)))  # older graphs have no upper layers
    shapes = {
        name: tuple(each.shape) for name, each in Network(Shape(layers=layers)).state_dict().items()
    }
    missing = [
        name for name, shape in shapes.items() if name not in found or found[name].shape != shape
    ]
    if missing:
        raise ValueError(f"{path} has no weights for {', '.join(missing)}")
    return {
        name: torch.tensor(np.ascontiguousarray(found[name])).reshape(shape)
        for name, shape in shapes.items()
    }


def _by_name(tensors: Arrays) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The tensors that kept their names, those in int8 with their scales."""
    for name, values in tensors.items():
        own = name.removeprefix(PREFIX)
        if own.endswith(".int8"):
            own = own.removesuffix(".int8")
            yield own, values.astype(np.float32) * tensors[f"{PREFIX}{own}.scale"]
        elif name.startswith(PREFIX) and values.dtype == np.float32:
            yield own, values


def _of_products(
    graph: onnx.GraphProto, tensors: Arrays
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The weights of products in int8, which lost their names: they are found by their nodes."""
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        weights = next(name for name in node.input if name in tensors and tensors[name].ndim == 2)
        scale = tensors[weights.replace("_quantized", "_scale")]
        yield f"{_layer(node.name)}.weight", (tensors[weights].astype(np.float32) * scale).T


def _layer(node: str) -> str:
    """The layer of a node: "/network/layers.3/qkv/MatMul_quant" -> "layers.3.qkv",
    "/network/query/query.0/MatMul_quant" -> "query.0"."""
    outer, *inner = node.split("/")[2:-1]
    if inner and inner[0].startswith(f"{outer}."):
        return inner[0]
    return ".".join([outer, *inner])


if __name__ == "__main__":
    main()
