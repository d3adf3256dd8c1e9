"""A session: many requests, each answered in its own process."""

import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
import time

from .answers import ACTIONS, answer, encoded, encoded_files, imported_actions
from .changes import changed_files
from .generation import generation_of
from .layer import unpack_layer
from .problems import error_text
from .process import end_process, report_failure
from .protocol import parse_request, result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Dict, NoReturn, Optional, Tuple

    from .protocol import Action, Request, Result

    Files = Optional[Dict[str, str]]


def serve(token: str, delivery: bytes) -> None:
    """Answers each request in a process that has imported Prefect and no user module.

    Requests that run no user code are answered here: a fork would take longer. After each request a
    line goes to standard output: the token, the exit code, and the written files by their paths, in
    base64; null if they are large. All other output goes to standard error, where a line with the
    token ends the output of each request.
    """
    started = time.time()
    # Processes that modules start don't have this stream, so what they print can't reach an answer.
    answers = os.fdopen(os.dup(1), "wb")
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
    for line in sys.stdin.buffer:
        request = parse_request(line)
        sys.stdout.flush()
        if request["action"] in local_actions:
            code, files = answer_here(request, local_actions)
        else:
            code = answer_in_process(request, line, answers, delivery)
            files = encoded_files(request["output"])
        sys.stderr.flush()
        # One short write: a pipe keeps it in one piece, even with other writers.
        os.write(2, f"\n{token}\n".encode())
        answers.write(f"\n{token} {code} {json.dumps(files)}\n".encode())
        answers.flush()


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
        content = json.dumps(result_of(request, actions)).encode()
    except Exception as error:
        report_failure(error_text(error))
        return 1, {}
    return 0, {"result.json": encoded(content)}


def answer_in_process(request: "Request", line: bytes, answers: "BinaryIO", delivery: bytes) -> int:
    """The exit code of a process that answers a request."""
    # A fork has only the thread that forked.
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    can_fork = can_fork and not configures_prefect(request)
    return answer_in_fork(request, answers) if can_fork else answer_in_child(line, delivery)


def configures_prefect(request: "Request") -> bool:
    """Whether a variable is for Prefect, which has read them when it was imported here."""
    return any(name.startswith("PREFECT_") for name in request.get("variables", ()))


def answer_in_fork(request: "Request", answers: "BinaryIO") -> int:
    child = os.fork()
    if child == 0:
        answer_as_fork(request, answers)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def answer_as_fork(request: "Request", answers: "BinaryIO") -> "NoReturn":
    os.close(answers.fileno())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    end_process(lambda: answer(request))


def answer_in_child(line: bytes, delivery: bytes) -> int:
    """The exit code of a new interpreter, which is given the loader and the request."""
    boot = json.loads(delivery.decode("utf-8"))["boot"]
    child = subprocess.Popen([sys.executable, "-c", boot, "once"], stdin=subprocess.PIPE)
    child.communicate(b"%d\n%s%s" % (len(delivery), delivery, line))
    return child.returncode
