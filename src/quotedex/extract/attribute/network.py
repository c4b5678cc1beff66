"""The attribution network: int8 weights, run by ONNX Runtime in one thread, without torch."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from quotedex.errors import ModelError
from quotedex.extract.attribute.decode import Scores
from quotedex.extract.attribute.windows import Window
from quotedex.limits import outside_time_limit

DEFAULT = "default"


class Network:
    """Scores windows, one at a time, so that a result never depends on a batch."""

    def __init__(self, weights: bytes) -> None:
        # Importing quotedex must stay cheap.
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
        # The outputs have the order of `Scores`.
        return Scores(
            *self._session.run(
                None,
                {
                    "ids": np.array([token.id for token in window.tokens], np.int64),
                    "types": np.array([token.type for token in window.tokens], np.int64),
                    "outside": np.array(window.outside, np.int64),
                    "opening": np.array([query.open for query in queries], np.int64),
                    "closing": np.array([query.close for query in queries], np.int64),
                },
            )
        )


@cache
def network(model: str) -> Network:
    """One of the networks in the package, loaded once per process."""
    with outside_time_limit():
        return Network(model_file("attribution.onnx", model))


def model_file(name: str, model: str = DEFAULT) -> bytes:
    """The content of a file of a model; all models but the default have their own folder."""
    path = files("quotedex") / "model" / ("" if model == DEFAULT else model) / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"the attribution model is missing its file {name}: {error}") from error
