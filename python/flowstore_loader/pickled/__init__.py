"""Prefect 0.5.4 to 1.4.1: a flow is an object, and its storage holds a pickle of it.

Everything here serves pickles: finding `Flow` objects, adding modules of the repository, fixes for
old releases of cloudpickle, the storages that modules set. The core uses only `generation.py`.
"""
