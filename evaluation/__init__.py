"""Gold-standard documents and the scores measured on them, shared by training and benchmarks."""
