"""The attribution network at work: int8 weights run by ONNX Runtime, one thread, no torch."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from quotedex.errors import ModelError
from quotedex.extract.attribute.decode import Scores
from quotedex.extract.attribute.windows import Window

DEFAULT = "default"


class Network:
    """Scores windows. One window at a time, so that a result never depends on a batch."""

    def __init__(self, weights: bytes) -> None:
        # Imported here: importing quotedex must cost nothing.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own exceptions share no narrower base
            raise ModelError(f"the attribution model cannot be loaded: {error}") from error

    def scores(self, window: Window) -> Scores:
        """The network's logits for the queries of `window`."""
        queries = window.queries
        return Scores(
            *self._session.run(
                list(Scores._fields),
                {
                    "ids": np.array([token.id for token in window.tokens], np.int64),
                    "types": np.array([token.type for token in window.tokens], np.int64),
                    "opening": np.array([query.open for query in queries], np.int64),
                    "closing": np.array([query.close for query in queries], np.int64),
                },
            )
        )


@cache
def network(model: str) -> Network:
    """One of the networks that the package ships, loaded once a process."""
    return Network(model_file("attribution.onnx", model))


def model_file(name: str, model: str = DEFAULT) -> bytes:
    """A file of the model folder; the other models than the default one have folders in that."""
    path = files("quotedex") / "model" / ("" if model == DEFAULT else model) / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"the attribution model lacks its file {name}: {error}") from error
