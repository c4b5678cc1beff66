"""Accuracy and speed against peers. Nothing in src imports this package."""
