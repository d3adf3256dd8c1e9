"""A small repository in its own folder, and the loader, run on it as in production."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap

from zygote import Zygote

ZYGOTE = Zygote()
PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(*path):
    with open(os.path.join(PYTHON, *path), encoding="utf-8") as stream:
        return stream.read()


def module_name(path):
    stem = os.path.relpath(path, PYTHON)[: -len(".py")].replace(os.sep, ".")
    return stem[: -len(".__init__")] if stem.endswith(".__init__") else stem


def loader_modules():
    """The text of each module of the loader, by its name."""
    paths = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(os.path.join(PYTHON, "flowstore_loader"))
        for name in names
        if name.endswith(".py")
    ]
    return {module_name(path): read(path) for path in paths}


PROTOCOL = 14

# The storage options that a run requests: those that modules may set (`src/options/schema.ts`).
STORAGE_OPTIONS = [
    "registry_url",
    "image_name",
    "image_tag",
    "base_image",
    "dockerfile",
    "dockerignore",
    "build_kwargs",
    "python_dependencies",
    "env_vars",
    "files",
    "extra_dockerfile_commands",
    "prefect_directory",
    "prefect_version",
    "local_image",
    "ignore_healthchecks",
    "path",
    "stored_as_script",
    "directory",
    "secrets",
]

BOOT = read("boot.py")
DELIVERY = json.dumps({"boot": BOOT, "modules": loader_modules()})
DELIVERY = f"{len(DELIVERY)}\n{DELIVERY}"

# Reads each flow in a fresh interpreter and runs it; prints the results of tasks by their name.
RUN = """
import json, os, sys
sys.path[:] = [p for p in sys.path if p] + sys.argv[2:]
import prefect
import cloudpickle

def run(path):
    with open(path, "rb") as stream:
        flow = cloudpickle.load(stream)
    state = flow.run()
    assert state.is_successful(), state
    results = {task.name: state.result[task].result for task in flow.tasks}
    print("RESULT" + json.dumps([flow.name, results]), flush=True)

for path in json.loads(sys.argv[1]):
    # One process for each, as in production: cloudpickle 0.6 shares globals between pickles.
    child = os.fork()
    if child == 0:
        run(path)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""

FLOW = """
from prefect import Flow, task
@task
def value():
    return 1
with Flow({name!r}) as flow:
    value()
"""


def flow_text(name):
    """A module with one flow, created in line 6, whose task `value` returns 1."""
    return FLOW.format(name=name)


def flow_calling(name, imports, expression):
    """A flow module with some import lines, whose task returns an expression."""
    text = flow_text(name).replace("return 1", "return " + expression)
    return imports + "\n" + text


class Workspace:
    """A repository in `top`, with its working directory `root`, and a folder for results."""

    def __init__(self, folder):
        self.folder = os.path.realpath(str(folder))
        self.root = self.top = os.path.join(self.folder, "root")
        self.output = os.path.join(self.folder, "out")
        self.home = os.path.join(self.folder, "home")
        self.streams = os.path.join(self.folder, "streams")
        os.makedirs(self.root)
        os.makedirs(self.home)
        os.makedirs(self.streams)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, files, folder=None):
        """Writes texts to files, below the root if no folder is named."""
        for name, text in files.items():
            path = os.path.join(folder or self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(textwrap.dedent(text))

    def python(self, arguments, cwd, stdin=None, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PREFECT"))}
        clean.update(env, HOME=self.home, LANG="C.UTF-8")
        # These variables are read when an interpreter starts, or when Prefect is imported.
        is_plain = arguments[0] == "-c" and not any(
            name.startswith(("PYTHON", "PREFECT")) for name in env
        )
        if is_plain and sys.platform == "linux":
            return ZYGOTE.run(arguments[1], arguments[2:], cwd, clean, stdin, self.streams)
        return subprocess.run(
            [sys.executable, *arguments],
            input=stdin,
            cwd=cwd,
            env=clean,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=120,
            check=False,
        )

    def loader(self, request, cwd=None, flags=(), **env):
        """The ended process that got one request."""
        request = dict({"protocol": PROTOCOL, "output": self.output}, **request)
        stdin = DELIVERY + json.dumps(request) + "\n"
        return self.python([*flags, "-c", BOOT, "once"], cwd or self.folder, stdin, **env)

    def read_result(self):
        with open(os.path.join(self.output, "result.json"), encoding="utf-8") as stream:
            return json.load(stream)

    def result(self, request, cwd=None, flags=(), **env):
        """The result of one request."""
        ended = self.loader(request, cwd, flags, **env)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "result.json" in os.listdir(self.output)
        assert "result.json.tmp" not in os.listdir(self.output)
        result = self.read_result()
        assert (result["protocol"], result["action"]) == (PROTOCOL, request["action"])
        return result

    def load_request(self, modules, helpers="value", **more):
        """A request to load modules: names, or dicts with what differs."""
        wanted = [m if isinstance(m, dict) else {"file": m} for m in modules]
        request = {
            "action": "load",
            "root": self.root,
            "top": self.top,
            "importRoots": [],
            "modules": [dict({"flows": None, "explicit": True}, **m) for m in wanted],
            "helpers": helpers,
            "carriedTo": None,
            "pickleProtocols": [],
            "storageOptions": STORAGE_OPTIONS,
            "variables": {},
            "flowsJson": None,
            "leftOut": [],
            "beside": [],
            "observe": False,
            "limits": LIMITS,
        }
        return dict(request, **more)

    def load(
        self,
        files,
        modules,
        helpers="value",
        protocols=(),
        ok=True,
        flows_json=None,
        import_roots=(),
        **env,
    ):
        """Writes the files and loads the modules: names, or dicts with what differs."""
        self.write(files)
        more = {
            "pickleProtocols": list(protocols),
            "flowsJson": flows_json,
            "importRoots": list(import_roots),
        }
        result = self.result(self.load_request(modules, helpers, **more), **env)
        if ok:
            assert result["problems"] == [], result["problems"]
        return result

    def find(self, files, modules=None, **more):
        """The result of a load of entrypoints; all files are flow modules if none are named."""
        self.write(files)
        if modules is None:
            named = [name for name in files if name.endswith(".py")]
            modules = [{"file": name, "explicit": False} for name in named]
        return self.result(self.load_request(modules, **more))

    def check(self, flows, **env):
        """The results of a check of `(name, entrypoint)`."""
        request = {"action": "check", "flows": list(flows), "checks": NO_CHECKS, "limits": LIMITS}
        return self.result(request, **env)["flows"]

    def at_entrypoint(self, name, entrypoint):
        """A stored flow of the repository."""
        content = {"content": "entrypoint", "entrypoint": entrypoint}
        return dict(content, name=name, path=self.root)

    def session(self, requests, flags=(), **env):
        """`(what was printed, [(exit code, result or None)])` of a session with the token `T`."""
        texts = [
            json.dumps(dict({"limits": LIMITS}, **dict(r, protocol=PROTOCOL))) for r in requests
        ]
        stdin = "".join(f"{len(text.encode())}\n{text}T\n" for text in texts)
        arguments = [*flags, "-c", BOOT, "session"]
        ended = self.python(arguments, self.folder, DELIVERY + stdin, **env)
        assert ended.returncode == 0, ended.stderr
        lines = [line[2:].split(" ", 1) for line in ended.stdout.split("\n") if line[:2] == "T "]
        answers = []
        for code, files_json in lines:
            files = json.loads(files_json)
            content = files and files.get("result.json")
            answers.append((int(code), content and json.loads(base64.b64decode(content).decode())))
        return ended.stderr, answers

    def run_flows(self, result):
        """Runs the flows in an empty folder with nothing but the shipped helpers on the path."""
        empty, site = (tempfile.mkdtemp(dir=self.folder) for _ in range(2))
        for helper in result["helpers"]:
            path = os.path.join(site, helper["path"])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(self.root, helper["file"]), path)
        hidden = os.path.join(self.folder, "hidden")
        os.rename(self.top, hidden)
        try:
            files = [os.path.join(self.output, flow["file"]) for flow in result["flows"]]
            ended = self.python(["-c", RUN, json.dumps(files), site], empty)
        finally:
            os.rename(hidden, self.top)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        lines = ended.stdout.splitlines()
        return dict(json.loads(line[6:]) for line in lines if line.startswith("RESULT"))

    def values(self, result):
        """The results of the task `value` of each flow, by the flow's name."""
        return {name: results["value"] for name, results in self.run_flows(result).items()}

    def pickle(self, flow):
        with open(os.path.join(self.output, flow["file"]), "rb") as stream:
            return stream.read()


NO_CHECKS = {"storage": None, "serialize": False, "results": False}
"""A check asks the release nothing."""


LIMITS = {"seconds": 100, "memory": None, "processes": None, "inContainer": False}


def fields_of(problems, *keys):
    return [tuple(problem[key] for key in keys) for problem in problems]
