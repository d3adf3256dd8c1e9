"""Loads flows of Prefect 2.13 and later: functions, which an entrypoint names.

An entrypoint is a file and a name in it, `flows/orders.py:orders`, or a module,
`shop.flows.orders:orders`. Prefect runs the source; nothing is serialized.
"""
