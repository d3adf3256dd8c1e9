"""The order of releases."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def is_since(version: str, since: str) -> bool:
    """Whether a release is `since` or a later one."""
    return release_numbers(since) <= release_numbers(version)


def release_numbers(version: str) -> "List[int]":
    """The numbers that a version starts with, without zeros at the end."""
    digits = re.match(r"[0-9.]*", version)
    numbers = [int(n) for n in digits.group().split(".") if n] if digits else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
