"""Helpers that the flows beside this package import."""
