"""Annotated documents and the scores measured on them; training and benchmarks share both."""
