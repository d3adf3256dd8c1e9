"""A session: many requests, each answered in its own process."""

import contextlib
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

from .answers import ACTIONS, answer, as_json, encoded, encoded_files, imported_actions
from .changes import changed_files
from .generation import generation_of
from .layer import unpack_layer
from .limits import (
    adopt_orphans,
    end_all,
    end_of,
    memory_kills,
    restrict,
    stack_of,
    write_stack_on_signal,
)
from .marks import mark_end
from .problems import error_text
from .process import end_process, report_failure
from .protocol import parse_request, result_of
from .sealing import open_to_modules, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Dict, Iterator, NoReturn, Optional, Tuple

    from .protocol import Action, Request, Result

    Files = Optional[Dict[str, str]]
    End = Optional[Dict[str, Any]]

KILLED = 128 + 9
UNSEALED = b"\x1eunsealed\n"


def serve(delivery: bytes) -> None:
    """Answers each request in a process that has imported Prefect and no user module.

    Requests that run no user code are answered here: a fork would take longer. After each request a
    line goes to standard output: the token of the request, the exit code, and the written files by
    their paths, in base64; null if they are large. All other output goes to standard error, where a
    line with the token ends the output of each request.

    Modules can't answer: they have no descriptor of these streams, nor can they get one from this
    process, which is sealed, and the token of a request is read when they have ended.
    """
    started = time.time()
    answers = os.fdopen(os.dup(1), "wb")
    if not seal():
        os.write(1, UNSEALED)
    os.dup2(2, 1)
    # Imported once, not in each fork, and before a user module could hide one of them.
    imported_actions(ACTIONS)
    # The remains of an uninstalled Prefect can be imported, but have no version.
    version = getattr(sys.modules.get("prefect"), "__version__", None)
    if version is not None:
        # Without it, each fork is slower.
        with contextlib.suppress(Exception):
            generation_of(version).warm_up()
    keep_imported()

    def changes(request: "Request") -> "Result":
        return {"changed": changed_files(started, request["created"], request["besides"])}

    local_actions: Dict[str, Action] = {"place": unpack_layer, "changes": changes}
    for line in requests():
        request = parse_request(line)
        sys.stdout.flush()
        if request["action"] in local_actions:
            code, files = answer_here(request, local_actions)
        else:
            code, files = answer_in_process(request, line, answers, delivery)
        sys.stderr.flush()
        token = read_line().decode()
        # One short write: a pipe keeps it in one piece, even with other writers.
        os.write(2, f"\n{token}\n".encode())
        answers.write(f"\n{token} {code} {as_json(files)}\n".encode())
        answers.flush()


def requests() -> "Iterator[bytes]":
    """The requests from standard input: a line with their length, and so many bytes.

    Nothing is read ahead: what follows a request is not in the memory of the process that answers
    it.
    """
    while True:
        length = read_line()
        if not length:
            return
        parts, left = [], int(length)
        while left > 0:
            parts.append(os.read(0, left))
            if not parts[-1]:
                raise EOFError("standard input ended")
            left -= len(parts[-1])
        yield b"".join(parts)


def read_line() -> bytes:
    line = b""
    while True:
        byte = os.read(0, 1)
        if byte in (b"", b"\n"):
            return line
        line += byte


def keep_imported() -> None:
    """Tells the garbage collector that nothing imported so far ends.

    Else it looks at all of that again and again while modules are imported and read, a sixth of the
    time for a repository of 70 flows, and each look copies memory in a fork.
    """
    if hasattr(gc, "freeze"):
        gc.freeze()
    gc.set_threshold(20000, 20, 20)


def answer_here(request: "Request", actions: "Dict[str, Action]") -> "Tuple[int, Files]":
    """`(exit code, files)` of a request that is answered in this process."""
    try:
        content = as_json(result_of(request, actions)).encode()
    except Exception as error:
        report_failure(error_text(error))
        return 1, {}
    return 0, {"result.json": encoded(content)}


def answer_in_process(
    request: "Request", line: bytes, answers: "BinaryIO", delivery: bytes
) -> "Tuple[int, Files]":
    """`(exit code, files)` of a process that answers a request."""
    # A fork has only the thread that forked.
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    can_fork = can_fork and not configures_prefect(request)
    kills = memory_kills()
    remove_left(request["output"])
    reader, writer = os.pipe()
    try:
        if can_fork:
            code, end = answer_in_fork(request, answers, reader, writer)
        else:
            code, end = answer_in_child(request, line, delivery, reader, writer)
    finally:
        os.close(reader)
        os.close(writer)
    if not end_all():
        raise RuntimeError("a process that a module started can't be ended")
    if end is None and code == KILLED and memory_kills() != kills:
        end = {"reason": "memory", "stack": ""}
    files: Files = {}
    if end is None:
        end, files = encoded_files(request["output"])
    return code, files if end is None else {"ended.json": encoded(as_json(end).encode())}


def remove_left(path: str) -> None:
    """Removes what an earlier request put where the result of the next one will be."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def configures_prefect(request: "Request") -> bool:
    """Whether a variable is for Prefect, which has read them when it was imported here."""
    return any(name.startswith("PREFECT_") for name in request.get("variables", ()))


def answer_in_fork(
    request: "Request", answers: "BinaryIO", reader: int, writer: int
) -> "Tuple[int, End]":
    """`(exit code, why it was ended)` of a fork of this process."""
    child = os.fork()
    if child == 0:
        os.close(reader)
        answer_as_fork(request, answers, writer)
    adopt_orphans()
    end: End = None
    status = end_of(child, request["limits"]["seconds"])
    if status is None:
        mark_end()
        end = {"reason": "time", "stack": stack_of(child, reader)}
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status), end


def answer_as_fork(request: "Request", answers: "BinaryIO", writer: int) -> "NoReturn":
    os.close(answers.fileno())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    open_to_modules()
    write_stack_on_signal(writer)
    restrict(request["limits"])
    end_process(lambda: answer(request))


def answer_in_child(
    request: "Request", line: bytes, delivery: bytes, reader: int, writer: int
) -> "Tuple[int, End]":
    """As answer_in_fork, of a new interpreter, which is given the loader and the request."""
    boot = json.loads(delivery.decode("utf-8"))["boot"]
    is_posix = os.name == "posix"
    command = [sys.executable, "-c", boot, "once", *([str(writer)] if is_posix else [])]
    inherited = [writer] if is_posix else []
    child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=inherited)
    adopt_orphans()
    end: End = None
    try:
        text = b"%d\n%s%s" % (len(delivery), delivery, line)
        child.communicate(text, timeout=request["limits"]["seconds"])
    except subprocess.TimeoutExpired:
        mark_end()
        end = {"reason": "time", "stack": stack_of(child.pid, reader)}
        child.kill()
    code = child.wait()
    return 128 - code if code < 0 else code, end
