"""Runs where Prefect flows will run: imports flow modules, serializes their flows, reads them back.

`boot.py` starts it. Requests and results are JSON; `src/python/protocol/protocol.ts` describes them.
What is wrong with the user's modules is part of a result. Standard output and standard error belong
to those modules.

This package is the core. What differs between generations of Prefect is behind `generation.py`, and
each generation has a package of its own: `pickled` serves Prefect 0.5.4 to 1.4.1.

Python 3.6 to 3.13, the standard library alone. Start-up counts: type hints that need `typing` are
quoted, so that nothing imports it.
"""
