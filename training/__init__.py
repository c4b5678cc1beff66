"""Builds the attribution model of quotedex from annotated text. Not imported by the package."""
