"""The entry point that `boot.py` calls."""

import sys

from .answers import answer
from .limits import restrict, write_stack_on_signal
from .process import end_process
from .protocol import parse_request
from .session import serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, List


def main(arguments: "List[str]", delivery: bytes, keep_from_servers: "Callable[[], None]") -> None:
    """`once [WRITER]` answers one request; `session` answers them until standard input ends.

    `delivery` is the beginning of standard input: the loader itself. `keep_from_servers` sets
    variables for Prefect, as for all requests but a run.
    """
    if arguments[0] == "session":
        end_process(lambda: serve(delivery))

    def answer_once() -> None:
        request = parse_request(sys.stdin.buffer.readline())
        if request["action"] != "run":
            keep_from_servers()
        if len(arguments) > 1:
            write_stack_on_signal(int(arguments[1]))
        if request.get("limits"):
            restrict(request["limits"])
        answer(request)

    end_process(answer_once)
