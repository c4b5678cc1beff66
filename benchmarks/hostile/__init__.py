"""Attack a served file and an indexing run, and measure what the attacks cost."""
