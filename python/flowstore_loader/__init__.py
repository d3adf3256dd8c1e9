"""Runs where Prefect flows will run: imports flow modules, finds their flows, reads them back.

`boot.py` starts it. Requests and results are JSON, described in `src/python/protocol/protocol.ts`.
Problems of the user's modules are part of a result. Standard output and standard error belong to
those modules.

This package is the core. What differs between generations of Prefect is behind `generation.py`, and
each generation has a package of its own: `pickled` serves Prefect 0.5.4 to 1.4.1, `entrypoints`
2.13 and later.

Python 3.6 to 3.14, standard library only. Start-up time matters: type hints that need `typing` are
quoted, so that nothing imports it.
"""
