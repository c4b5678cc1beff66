"""The version, apart from the package's face: modules that need it import nothing else."""

from __future__ import annotations

__version__ = "0.1.0"
