"""The published index: search it, serve it, write a folder that a host can serve."""
