"""Checks flows in processes of their own, one for each module."""

import json
import os
import sys
import threading

from .calls import FlowCalls
from .loading import loaded_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, Iterator, List, NoReturn

    from ..protocol import Result, StoredFlow

    Check = Callable[[StoredFlow], Result]

MOST_FORKS = 4
"""Each takes the memory of what a module imports."""


def checked_apart(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    """The outcome of each flow; each module is loaded by a process that has seen no other."""
    import prefect.flows  # noqa: F401  # Once, and not in each fork.

    modules: Dict[str, List[int]] = {}
    for index, flow in enumerate(flows):
        modules.setdefault(flow["entrypoint"].rpartition(":")[0], []).append(index)
    parts = [[flows[index] for index in indices] for indices in modules.values()]
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    checked = checked_in_forks if can_fork else checked_in_turn
    results: Dict[int, Result] = {}
    for indices, outcomes in zip(modules.values(), checked(parts, check_flow)):
        results.update(zip(indices, outcomes))
    return [results[index] for index in range(len(flows))]


def checked_in_turn(
    modules: "List[List[StoredFlow]]", check_flow: "Check"
) -> "Iterator[List[Result]]":
    return (checked_here(flows, check_flow) for flows in modules)


def checked_in_forks(
    modules: "List[List[StoredFlow]]", check_flow: "Check"
) -> "Iterator[List[Result]]":
    """The outcomes of each module, as many at a time as there are processors."""
    most = min(len(os.sched_getaffinity(0)), MOST_FORKS)
    forks: List[Fork] = []
    for flows in modules:
        if len(forks) == most:
            yield forks.pop(0).results()
        forks.append(Fork(flows, check_flow))
    for fork in forks:
        yield fork.results()


class Fork:
    """A process that checks the flows of a module."""

    def __init__(self, flows: "List[StoredFlow]", check_flow: "Check") -> None:
        self.flows = flows
        self.check_flow = check_flow
        self.reader, writer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.reader)
            answer_as_fork(flows, check_flow, writer)
        os.close(writer)

    def results(self) -> "List[Result]":
        """Waits for them."""
        with os.fdopen(self.reader, "rb") as stream:
            content = stream.read()
        _, status = os.waitpid(self.child, 0)
        if content:
            return json.loads(content.decode())
        reason = f"the module ended its process (status {status})"
        return [self.check_flow(dict(flow, ended=reason)) for flow in self.flows]


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
