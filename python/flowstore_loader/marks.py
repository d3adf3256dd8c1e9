"""Lines on standard error that say what the loader does.

If Python ends or is ended, the other side names the module or the flow of the last one.
"""

import contextlib
import os

from .answers import as_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Iterator, List, Optional

    from .flows import FoundFlow
    from .protocol import StoredFlow
    from .repository import Repository

MOST_NAME = 100
"""Characters of a flow's name: a mark is one short write."""

# Modules may replace it.
write = os.write


def mark(text: str) -> None:
    """Writes a line that the other side takes out of what modules print."""
    with contextlib.suppress(OSError):
        write(2, f"\x1e{text}\x1e\n".encode("utf-8", "replace"))


def mark_module(done: int, count: int, file: str) -> None:
    """Says that a module is imported; after the last, without a file, that none is."""
    mark(f"{done}/{count} {file}")


def mark_flow(
    index: int, name: str, file: "Optional[str]" = None, line: "Optional[int]" = None
) -> None:
    """Says that a flow is serialized or read back."""
    place = {"index": index, "name": str(name)[:MOST_NAME], "file": file, "line": line}
    mark(f"flow {as_json(place)}")


def mark_end() -> None:
    """Says that the work is ended: what its process writes from now on says nothing."""
    mark("ended")


def marked_flows(flows: "Iterable[FoundFlow]", repository: "Repository") -> "Iterator[FoundFlow]":
    """Marks each flow while it is serialized."""
    for index, flow in enumerate(flows):
        file = repository.relative(flow.location.path)
        mark_flow(index, flow.name, file, flow.location.line)
        yield flow
    mark("flow ")


def marked_stored_flows(flows: "List[StoredFlow]") -> "Iterator[StoredFlow]":
    """Marks each flow while it is read back."""
    for index, flow in enumerate(flows):
        mark_flow(index, flow["name"])
        yield flow
    mark("flow ")
