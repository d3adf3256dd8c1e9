"""The process: requests, and what answers them."""

import base64
import contextlib
import json
import os
import subprocess
import sys
import threading
import time

from .changes import changed_files
from .interpreter import probe
from .loading import load
from .placing import place
from .problems import error_text
from .reading import check, run_flow

PROTOCOL = 4
ACTIONS = {"probe": probe, "load": load, "check": check, "run": run_flow}
MOST_PRINTED = 1 << 20


def main(arguments, delivery):
    """`once` answers one request; `session TOKEN` answers requests until there are no more."""
    if arguments[0] == "session":
        finish(lambda: session(arguments[1], delivery))
    finish(lambda: answer(json.loads(sys.stdin.buffer.readline().decode("utf-8"))))


def answer(request):
    """Writes the files of a result to the request's folder, `result.json` last."""
    output = os.path.abspath(request["output"])
    result = result_of(request, ACTIONS)
    os.makedirs(output, exist_ok=True)
    file = os.path.join(output, "result.json")
    with open(file + ".tmp", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(file + ".tmp", file)


def result_of(request, actions):
    if request.get("protocol") != PROTOCOL:
        raise ValueError(
            "the request is of protocol %r, this is %d" % (request.get("protocol"), PROTOCOL)
        )
    result = {"protocol": PROTOCOL, "action": request["action"]}
    result.update(actions[request["action"]](request))
    return result


def session(token, delivery):
    """Answers each request by a process of its own, which has imported Prefect and nothing of the user's.

    What runs none of the user's code is done here: a process that is forked takes as long. After each
    standard output has a line: the token, the exit code, and the files that were written by their paths,
    in base64; null where they are large. All that is printed goes to standard error, and there a line
    with the token says where an answer's part of it ends.
    """
    begun = time.time()
    # No process that a module starts has it: what such a one prints can't come into an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def changes(request):
        return {"changed": changed_files(begun, request["created"], request["besides"])}

    here = {"place": place, "changes": changes}
    for line in sys.stdin.buffer:
        request = json.loads(line.decode("utf-8"))
        sys.stdout.flush()
        if request["action"] in here:
            code, files = done(request, here)
        else:
            # A fork has none of the threads.
            alone = sys.platform == "linux" and threading.active_count() == 1
            code = forked(request, answers) if alone else spawned(line, delivery)
            files = printable(request["output"])
        words = "\n%s %d %s\n" % (token, code, json.dumps(files))
        sys.__stderr__.flush()
        # At once, and so short that a pipe has it in one piece, whoever else writes there.
        os.write(2, b"\n%s\n" % token.encode())
        answers.write(words.encode())
        answers.flush()


def done(request, actions):
    """`(exit code, files)` of a request that is answered in this process."""
    try:
        content = json.dumps(result_of(request, actions)).encode()
    except Exception as error:
        complain(error_text(error))
        return 1, {}
    return 0, {"result.json": encoded(content)}


def printable(folder):
    """What files below a folder hold in base64, by their paths relative to it; None where it is much."""
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    files = [path for path in paths if os.path.isfile(path)]
    if sum(map(os.path.getsize, files)) > MOST_PRINTED:
        return None
    found = {}
    for file in files:
        with open(file, "rb") as stream:
            found[os.path.relpath(file, folder).replace(os.sep, "/")] = encoded(stream.read())
    return found


def encoded(content):
    return base64.b64encode(content).decode()


def forked(request, answers):
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    os.close(answers.fileno())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, closefd=False)
    finish(lambda: answer(request))


def spawned(line, delivery):
    boot = json.loads(delivery.decode("utf-8"))["boot"]
    child = subprocess.Popen([sys.executable, "-c", boot, "once"], stdin=subprocess.PIPE)
    child.communicate(b"%d\n%s%s" % (len(delivery), delivery, line))
    return child.returncode


def finish(work):
    """Ends the process at once: threads and exit handlers of the user's can't hold or fail it."""
    code, text = 0, None
    try:
        work()
    except KeyboardInterrupt:
        code, text = 130, "interrupted"
    except BaseException as error:
        code, text = 1, error_text(error)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    if text:
        complain(text)
    os._exit(code)


def complain(text):
    sys.__stderr__.write("flowstore_loader: %s\n" % " ".join(text.split()))
    sys.__stderr__.flush()
