"""Releases of Prefect in their order."""

import re


def pickle_protocol(choices, version):
    """The last choice that isn't for a later release; None is cloudpickle's own default."""
    protocol = None
    for choice in choices:
        if is_since(version, choice["since"]):
            protocol = choice["protocol"]
    return protocol


def is_since(version, since):
    """Whether a release is another one or came after it."""
    return release(since) <= release(version)


def release(text):
    numbers = [int(n) for n in re.match(r"[0-9.]*", text).group().split(".") if n]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
