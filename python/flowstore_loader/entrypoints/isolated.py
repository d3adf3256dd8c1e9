"""Checks flows in processes of their own, one for each module."""

import json
import os
import sys
import threading

from .calls import FlowCalls
from .loading import loaded_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, NoReturn

    from ..protocol import Result, StoredFlow

    Check = Callable[[StoredFlow], Result]


def checked_apart(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    """The outcome of each flow; each module is loaded by a process that has seen no other."""
    import prefect.flows  # noqa: F401  # Once, and not in each fork.

    modules: Dict[str, List[int]] = {}
    for index, flow in enumerate(flows):
        modules.setdefault(flow["entrypoint"].rpartition(":")[0], []).append(index)
    results: Dict[int, Result] = {}
    for indices in modules.values():
        outcomes = checked_in_fork([flows[index] for index in indices], check_flow)
        results.update(zip(indices, outcomes))
    return [results[index] for index in range(len(flows))]


def checked_in_fork(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    if sys.platform != "linux" or threading.active_count() > 1:
        return checked_here(flows, check_flow)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        answer_as_fork(flows, check_flow, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(child, 0)
    if content:
        return json.loads(content.decode())
    reason = f"the module ended its process (status {status})"
    return [check_flow(dict(flow, ended=reason)) for flow in flows]


def answer_as_fork(flows: "List[StoredFlow]", check_flow: "Check", writer: int) -> "NoReturn":
    try:
        content = json.dumps(checked_here(flows, check_flow)).encode()
        sys.stdout.flush()
        sys.stderr.flush()
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)
    finally:
        os._exit(0)


def checked_here(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    """The module runs once, however many of its flows are asked for."""
    with FlowCalls(None).replaced(), loaded_once():
        return [check_flow(flow) for flow in flows]
