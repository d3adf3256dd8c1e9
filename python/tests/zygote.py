"""An interpreter that has imported Prefect, and is forked for each program that a test runs.

The import takes most of the time of a test, and no program of a test can tell who made it: the
loader's own sessions are forked in the same way.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile

# What a load sets before it imports Prefect 2 and 3, which read it then.
WITHOUT_SERVERS = {
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

# Reads one request per line, and answers each with the exit code of the process that it has forked.
SERVER = """
import gc, json, os, sys
requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
import prefect
import cloudpickle
try:
    import prefect.flows
except ImportError:
    pass
gc.collect()

def become(request):
    flags = [os.O_RDONLY] + 2 * [os.O_WRONLY | os.O_CREAT | os.O_TRUNC]
    for number, (path, how) in enumerate(zip(request["streams"], flags)):
        opened = os.open(path, how)
        os.dup2(opened, number)
        os.close(opened)
    for stream in (requests, answers):
        os.close(stream.fileno())
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv[:] = ["-c"] + request["arguments"]

code = None
for line in iter(requests.readline, ""):
    child = os.fork()
    if child == 0:
        request = json.loads(line)
        become(request)
        code = compile(request["code"], "<string>", "exec")
        break
    status = os.waitpid(child, 0)[1]
    ended = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    answers.write("%d\\n" % ended)
    answers.flush()
if code is not None:
    for name in ("become", "child", "gc", "json", "line", "os", "request", "requests", "answers"):
        del globals()[name]
    exec(code)
"""


class Zygote:
    """The interpreter; it is started by the first program, and ends with the tests."""

    def __init__(self):
        self.process = None

    def start(self, env):
        home = tempfile.mkdtemp()
        env = dict(env, HOME=home, PREFECT_HOME=home, **WITHOUT_SERVERS)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            universal_newlines=True,
            cwd=home,
            env=env,
        )
        atexit.register(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def run(self, code, arguments, cwd, env, stdin, folder):
        """Runs code as `python -c` would, and gives what `subprocess.run` gives.

        Its streams are files below `folder`.
        """
        if self.process is None:
            self.start(env)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            streams = [os.path.join(place, name) for name in ("in", "out", "err")]
            with open(streams[0], "w", encoding="utf-8") as stream:
                stream.write(stdin or "")
            request = {"code": code, "arguments": arguments, "cwd": cwd, "env": env}
            self.process.stdin.write(json.dumps(dict(request, streams=streams)) + "\n")
            self.process.stdin.flush()
            returncode = int(self.process.stdout.readline())
            texts = []
            for path in streams[1:]:
                with open(path, encoding="utf-8") as stream:
                    texts.append(stream.read())
        return subprocess.CompletedProcess(["-c", *arguments], returncode, *texts)
