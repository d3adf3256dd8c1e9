"""Seals a process from those that have the same user."""

import sys

SET_DUMPABLE, SET_CHILD_SUBREAPER = 4, 36


def seal() -> bool:
    """Keeps others from the memory and the descriptors of this process; whether it could be done.

    Linux refuses them `/proc/PID/fd`, `/proc/PID/mem` and a trace of a process that is not
    dumpable.
    """
    return sys.platform != "linux" or control(SET_DUMPABLE, 0)


def open_to_modules() -> None:
    """Undoes it in a fork: modules may look at their own process."""
    if sys.platform == "linux":
        control(SET_DUMPABLE, 1)


def control(option: int, value: int) -> bool:
    try:
        import ctypes

        return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0
    except Exception:
        # This Python has no ctypes, or its C library no prctl.
        return False
