"""The protocol of requests and results, which `src/python/protocol/protocol.ts` describes."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

    Request = Dict[str, Any]
    Result = Dict[str, Any]
    StoredFlow = Dict[str, str]
    Action = Callable[[Request], Result]

PROTOCOL = 14


def parse_request(line: bytes) -> "Request":
    return json.loads(line.decode("utf-8"))


def result_of(request: "Request", actions: "Dict[str, Action]") -> "Result":
    """Performs a request's action; raises ValueError for another protocol."""
    protocol = request.get("protocol")
    if protocol != PROTOCOL:
        raise ValueError(f"the request uses protocol {protocol!r}, this loader {PROTOCOL}")
    name = request["action"]
    return dict(actions[name](request), protocol=PROTOCOL, action=name)
