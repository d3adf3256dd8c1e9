"""Checks flows in processes of their own, one for each module."""

import functools
import json
import os
import sys
import threading

from ..answers import as_json
from ..process import end_now
from .calls import FlowCalls
from .first_imports import import_all, shared_imports
from .loading import loaded_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, NoReturn, Optional, Tuple

    from ..protocol import Result, StoredFlow

    Check = Callable[[StoredFlow], Result]
    Modules = List[List[StoredFlow]]

MOST_FORKS = 4
"""Each takes the memory of what a module imports."""


def checked_apart(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    """The outcome of each flow; each module is loaded by a process that has seen no other."""
    import prefect.flows  # noqa: F401  # Once, and not in each fork.

    modules: Dict[str, List[int]] = {}
    for index, flow in enumerate(flows):
        modules.setdefault(flow["entrypoint"].rpartition(":")[0], []).append(index)
    parts = [[flows[index] for index in indices] for indices in modules.values()]
    results: Dict[int, Result] = {}
    for indices, outcomes in zip(modules.values(), checked_modules(parts, check_flow)):
        results.update(zip(indices, outcomes))
    return [results[index] for index in range(len(flows))]


def checked_modules(modules: "Modules", check_flow: "Check") -> "List[List[Result]]":
    if sys.platform != "linux" or threading.active_count() > 1:
        return [checked_here(flows, check_flow) for flows in modules]
    outcomes = checked_after_imports(modules, check_flow)
    left = [index for index in range(len(modules)) if index not in outcomes]
    forked = checked_in_forks([modules[index] for index in left], check_flow)
    outcomes.update(zip(left, forked))
    return [outcomes[index] for index in range(len(modules))]


def checked_after_imports(modules: "Modules", check_flow: "Check") -> "Dict[int, List[Result]]":
    """The outcomes of modules that load, by their index, with what most import imported once."""
    names, indices = shared_imports(modules) if len(modules) > 2 else ([], [])
    if len(indices) < 2:
        return {}

    def work() -> "Optional[List[List[Result]]]":
        import_all(names)
        # A package has started a thread: no fork would have it.
        if threading.active_count() > 1:
            return None
        return list(checked_in_forks([modules[index] for index in indices], check_flow))

    answer = Fork(work).answer() or []
    # What fails is checked again, without the imports.
    return {
        index: outcomes
        for index, outcomes in zip(indices, answer)
        if all(outcome["ok"] for outcome in outcomes)
    }


def checked_in_forks(modules: "Modules", check_flow: "Check") -> "Iterator[List[Result]]":
    """The outcomes of each module, as many at a time as there are processors."""
    most = min(len(os.sched_getaffinity(0)), MOST_FORKS)
    running: List[Tuple[List[StoredFlow], Fork]] = []
    for flows in modules:
        if len(running) == most:
            yield outcomes_of(*running.pop(0), check_flow)
        running.append((flows, Fork(functools.partial(checked_here, flows, check_flow))))
    for each in running:
        yield outcomes_of(*each, check_flow)


def outcomes_of(flows: "List[StoredFlow]", fork: "Fork", check_flow: "Check") -> "List[Result]":
    answer = fork.answer()
    if answer is not None:
        return answer
    reason = f"the module ended its process (status {fork.status})"
    return [check_flow(dict(flow, ended=reason)) for flow in flows]


class Fork:
    """A process that does some work, and answers with JSON."""

    def __init__(self, work: "Callable[[], Any]") -> None:
        self.status = 0
        self.reader, writer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.reader)
            answer_as_fork(work, writer)
        os.close(writer)

    def answer(self) -> "Any":
        """Waits for it; None if the process ended without one."""
        with os.fdopen(self.reader, "rb") as stream:
            content = stream.read()
        _, self.status = os.waitpid(self.child, 0)
        return json.loads(content.decode()) if content else None


def answer_as_fork(work: "Callable[[], Any]", writer: int) -> "NoReturn":
    try:
        content = as_json(work()).encode()
        sys.stdout.flush()
        sys.stderr.flush()
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)
    finally:
        end_now(0)


def checked_here(flows: "List[StoredFlow]", check_flow: "Check") -> "List[Result]":
    """The module runs once, however many of its flows are asked for."""
    with FlowCalls(None).replaced(), loaded_once():
        return [check_flow(flow) for flow in flows]
