"""Trains the models that quotedex ships, from annotated text. The package itself never imports it.

Modules in the order of the work: `labels`, `augment` and `batches` prepare the data; `network` and
`quantization` define the attribution network; `train` trains it, `evaluate` scores it, `export`
writes it as ONNX, `calibrate` fits its confidence. `fit_resolver` fits the weights of resolution.
"""
