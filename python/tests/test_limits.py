"""Limits of a process that runs the user's code."""

import os
import signal
import sys

import pytest
from kit import LIMITS

from flowstore_loader.limits import restrict

MOST = 5
TRIED = 20


def started() -> int:
    """How many processes an ordinary user starts under the limit, before the system refuses one."""
    # The loader imports it, from a folder that the other user may not be allowed to read.
    pytest.importorskip("resource")
    if os.getuid() == 0:
        # A user who has no other process, as in a run of these tests at the same time.
        os.setuid(100_000 + os.getpid())
    restrict({**LIMITS, "processes": MOST})
    processes = []
    try:
        while len(processes) < TRIED:
            process = os.fork()
            if process == 0:
                signal.pause()
            processes.append(process)
    except BlockingIOError:
        pass
    for process in processes:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return len(processes)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_an_ordinary_user_starts_no_more_processes_than_the_limit():
    child = os.fork()
    if child == 0:
        count = TRIED
        try:
            count = started()
        finally:
            os._exit(count)
    _, status = os.waitpid(child, 0)
    # Who is not root may have others, which end or start meanwhile.
    assert 0 < os.WEXITSTATUS(status) < TRIED
