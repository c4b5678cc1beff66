"""Write trained weights as the int8 ONNX graph that the package ships.

    python -m training.export WEIGHTS OUT.onnx

The graph takes one window at a time, without padding: quantization of activations looks at a whole
tensor, so a batch would make a window's result depend on its neighbours.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn

from training.network import Network, Output

INPUTS = ("ids", "types", "opening", "closing")


class OneWindow(nn.Module):
    """The network over a batch of one window of T tokens and Q queries."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, types: Tensor, opening: Tensor, closing: Tensor) -> Output:
        window = torch.zeros_like(opening)
        return self.network(ids[None], types[None], None, window, opening, closing)  # type: ignore[no-any-return]


def export(weights: Path, out: Path) -> None:
    """Weights (safetensors) to an int8 ONNX file with inputs INPUTS and the outputs of `Output`."""
    network = Network(dropout=0.0)
    network.load_state_dict(load_file(weights))
    network.eval()
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
        quantize(whole, out)


def quantize(whole: Path, out: Path) -> None:
    """Int8 weights for the matrix products and the word embeddings; small tables stay as they are.

    Seven bits of range, because processors without VNNI saturate at eight: so all give one result.
    """
    graph = onnx.load(whole).graph
    sizes = {tensor.name: max(tensor.dims, default=0) for tensor in graph.initializer}
    small = [
        node.name
        for node in graph.node
        if node.op_type == "Gather" and sizes.get(node.input[0], 0) < 10_000
    ]
    quantize_dynamic(
        whole,
        out,
        op_types_to_quantize=["MatMul", "Gather"],
        nodes_to_exclude=small,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    export(options.weights, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
