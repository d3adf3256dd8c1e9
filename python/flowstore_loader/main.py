"""The entry point that `boot.py` calls."""

import sys

from .answers import answer
from .process import end_process
from .protocol import parse_request
from .session import serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def main(arguments: "List[str]", delivery: bytes) -> None:
    """`once` answers one request; `session TOKEN` answers requests until standard input ends.

    `delivery` is the beginning of standard input: the loader itself.
    """
    if arguments[0] == "session":
        end_process(lambda: serve(arguments[1], delivery))
    end_process(lambda: answer(parse_request(sys.stdin.buffer.readline())))
