"""Limits of a process that runs the user's code, and how it ended.

The process is a child of the session, which has run none of that code.
"""

import contextlib
import faulthandler
import os
import re
import select
import signal
import sys
from time import monotonic as now

from .sealing import SET_CHILD_SUBREAPER, control

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, List, NoReturn, Optional

    Limits = Dict[str, Any]

# No module uses it; its handler of `faulthandler` runs in native code too.
STACK_SIGNAL = getattr(signal, "SIGRTMAX", 0) - 1
MOST_STACK = 1 << 16
STACK_PATIENCE = 0.2
MOST_STACKS = 4
MOST_FILE = 2 << 30
"""Bytes of a file that modules write: a mistake there would fill the disk."""
END_PATIENCE = 2
OOM_SCORE = 500
MEMORY_EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


class TimeUpError(Exception):
    """The time of a child process is up."""


def restrict(limits: "Limits") -> None:
    """Limits this process and those that it starts; no module can raise the limits again.

    A container has them already.
    """
    if sys.platform != "linux":
        return
    import resource

    lower(resource.RLIMIT_FSIZE, MOST_FILE)
    if limits["inContainer"]:
        if limits["memory"]:
            # The process of the modules ends, not the session.
            with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
                file.write(str(OOM_SCORE))
        return
    if limits["memory"]:
        lower(resource.RLIMIT_DATA, limits["memory"])
    # Root has no such limit.
    if limits["processes"] and os.getuid() != 0:
        others = 0 if os.getppid() == 1 else threads_of_user()
        lower(resource.RLIMIT_NPROC, limits["processes"] + others)


def lower(kind: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (most, most))


def threads_of_user() -> int:
    """The kernel counts all threads of a user, not those of a load."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{name}/task"))
    return count


def write_stack_on_signal(writer: int) -> None:
    """Lets `stack_of` ask this process where it is."""
    if sys.platform == "linux":
        faulthandler.register(STACK_SIGNAL, file=writer, all_threads=True)


def end_of(child: int, seconds: float) -> "Optional[int]":
    """Waits for a child: its status, or None when the time is up."""

    def ring(number: int, frame: "Optional[types.FrameType]") -> "NoReturn":
        raise TimeUpError

    previous = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        _, status = os.waitpid(child, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return status
    except TimeUpError:
        return None
    finally:
        signal.signal(signal.SIGALRM, previous)


def stack_of(child: int, reader: int) -> str:
    """The Python stack of a child and of its processes, as `faulthandler` writes it."""
    stack = b""
    for process in [child, *descendants(child)][:MOST_STACKS]:
        with contextlib.suppress(OSError):
            if not catches(process, STACK_SIGNAL):
                continue
            os.kill(process, signal.SIGCONT)
            os.kill(process, STACK_SIGNAL)
            while len(stack) < MOST_STACK and select.select([reader], [], [], STACK_PATIENCE)[0]:
                part = os.read(reader, MOST_STACK)
                stack += part
                if not part:
                    break
    return stack[:MOST_STACK].decode("utf-8", "replace")


def catches(process: int, number: int) -> bool:
    """Whether a process has a handler for a signal: without one, it would end."""
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        mask = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.MULTILINE)
    return mask is not None and bool(int(mask.group(1), 16) >> (number - 1) & 1)


def children(process: int) -> "List[int]":
    found: List[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children", encoding="utf-8") as file:
                found += map(int, file.read().split())
    return found


def descendants(process: int) -> "List[int]":
    found = children(process)
    # The list grows while it is read.
    for each in found:
        found += children(each)
    return found


def adopt_orphans() -> None:
    """Makes processes that leave their parent children of this one: `end_all` finds them."""
    if sys.platform == "linux" and os.getpid() != 1:
        control(SET_CHILD_SUBREAPER, 1)


def end_all() -> bool:
    """Ends all processes that the user's code started, whatever group they are in.

    False if one is left: what runs as another user can't be ended here.
    """
    if sys.platform != "linux":
        return True
    if os.getpid() == 1:
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGKILL)
    until = now() + END_PATIENCE
    while now() < until:
        for process in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                select.select([], [], [], 0.002)
        except ChildProcessError:
            return True
    return False


def memory_limit(error: BaseException) -> "Optional[int]":
    """The limit that an error comes from: the bytes that this process may take."""
    seen: List[BaseException] = []
    cause: Optional[BaseException] = error
    while cause is not None and cause not in seen:
        if isinstance(cause, MemoryError) and sys.platform == "linux":
            import resource

            most, _ = resource.getrlimit(resource.RLIMIT_DATA)
            return None if most == resource.RLIM_INFINITY else most
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return None


def memory_kills() -> "Optional[int]":
    """How many processes of this container the kernel has ended for its limit of memory."""
    for path in MEMORY_EVENTS:
        with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
            match = re.search(r"^oom_kill (\d+)$", file.read(), re.MULTILINE)
            if match:
                return int(match.group(1))
    return None
