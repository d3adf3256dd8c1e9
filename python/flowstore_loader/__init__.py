"""Runs where Prefect flows will run: imports flow modules, serializes their flows, reads them back.

Requests and results are JSON of one protocol, which `src/load/protocol.ts` describes; `boot.py` starts
it. What is wrong with the user's modules stands inside a result. Standard output and standard error
belong to the user's modules.

The standard library alone, Python 3.6 to 3.13, Prefect 0.5.4 to 1.4.1.
"""
