"""Prefect 0.5.4 to 1.4.1: a flow is an object, and its storage holds a pickle of it.

Everything here serves pickles: finding `Flow` objects, taking modules of the repository along,
mending old releases of cloudpickle, the storages that modules set. `generation.py` is what the core
sees.
"""
