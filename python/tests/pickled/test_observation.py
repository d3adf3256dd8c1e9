"""What a load says that it has seen, and what it has changed."""

import os
import sys
import zipfile

import pytest
from kit import flow_text

has_hooks = pytest.mark.skipif(sys.version_info < (3, 8), reason="there are no audit hooks")

FILES = {
    "flows/helper.py": "VALUE = 1",
    "data/a.txt": "a",
    "lib/dynamic.py": "",
    "lib/native.so": "",
    "lib/asks.py": "import os\ndef f(path):\n    return os.stat(path)",
    "other.py": "",
}
ONLY_FILES = [
    ("", []),
    ("import helper", ["flows/helper.py"]),
    ("def later():\n    import helper", ["flows/helper.py"]),
    ("open('data/a.txt').read()", ["data/a.txt"]),
    ("from pathlib import Path\nPath('data/a.txt').read_text()", ["data/a.txt"]),
    ("import os\nos.close(os.open('data/a.txt', os.O_RDONLY))", ["data/a.txt"]),
    (
        "import os\nd = os.open('data', 0)\nos.close(os.open('a.txt', 0, dir_fd=d))",
        ["data/a.txt"],
    ),
    ("import os\nos.chdir('data')\nopen('a.txt').read()", ["data/a.txt"]),
    ("open('linked/a.txt').read()", ["data/a.txt"]),
    ("import os\nos.listdir('data'), os.path.exists('data/b.txt')", []),
    ("import sys\nsys.path.insert(0, 'lib')\n__import__('dyn' + 'amic')", ["lib/dynamic.py"]),
    ("import sys\nsys.path.append('code.zip')\nimport zipped", ["code.zip"]),
    ("import ctypes\nlibc = ctypes.CDLL(None)\nlibc.open(b'data/a.txt', 0)", ["data/a.txt"]),
    ("import sqlite3\nsqlite3.connect(':memory:').execute('select 1')", []),
    ("exec(open('data/a.txt').read(), {'a': 1})", ["data/a.txt"]),
    ("import tempfile\ntempfile.gettempdir()", []),
    ("open('/dev/null', 'w').close()", []),
    ("try:\n    open('/nowhere/at/all')\nexcept OSError: pass", []),
    ("import json.tool, email.mime.text", []),
]
MORE = [
    ("import os\nos.path.getsize('data/a.txt')", "flows/a.py:2: getsize"),
    ("from os.path import getsize", "flows/a.py:1: getsize"),
    ("from os import stat as s", "flows/a.py:1: stat"),
    ("import os\n[e.stat() for e in os.scandir('data')]", "flows/a.py:2: stat"),
    ("import sys\nsys.path.append('lib')\nimport asks", "lib/asks.py:3: stat"),
    ("open('lib/native.so').read()", "lib/native.so is native code"),
    ("import os\nopen(os.path.join(os.environ['AWAY'], 'x')).read()", "it reads "),
    ("import os\nos.listdir(os.environ['AWAY'])", "it reads "),
    (
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 1))\nexcept OSError: pass",
        "it uses the network (socket.",
    ),
    ("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))", "it uses the network"),
]
CHANGES = [
    ("open('data/b.txt', 'w').close()", "it changes data/b.txt"),
    ("open('data/a.txt', 'a').close()", "it changes data/a.txt"),
    ("import os\nos.remove('data/a.txt')", "it changes data/a.txt"),
    ("import os\nos.rename('data', 'elsewhere')", "it changes data"),
    ("import os\nos.makedirs('new/folder')", "it changes new"),
    ("import os\nos.chmod('data/a.txt', 0o755)", "it changes data/a.txt"),
    ("import ctypes\nctypes.CDLL(None).creat(b'data/c.txt', 0o644)", "it changes data/c.txt"),
    ("import os\nopen(os.path.join(os.environ['AWAY'], 'y'), 'w').close()", "it changes /"),
    ("import tempfile\nfile = tempfile.mkdtemp()", "it changes /"),
    ("import sqlite3\nsqlite3.connect('data/x.db')", "it changes data/x.db"),
    ("import subprocess\nsubprocess.run(['true'])", "it starts a process"),
    ("import os\nos.system('true')", "it starts a process"),
    ("import os\nif os.fork() == 0: os._exit(0)", "it starts a process"),
    (
        "import os, sys, _posixsubprocess as p\nif 1:\n    import multiprocessing.util as u\n"
        "    os.waitpid(u.spawnv_passfds(b'/bin/true', [b'true'], []), 0)",
        "it starts a process",
    ),
    (
        "import ctypes\nif ctypes.CDLL(None).fork() == 0:\n    __import__('os')._exit(0)",
        "it starts",
    ),
]
CODES = [code for code, _ in [*ONLY_FILES, *MORE, *CHANGES]]


@pytest.fixture(scope="module")
def seen(shared_workspace):
    """What the load of each code has seen; each has the files to itself."""
    workspace, requests = shared_workspace, []
    away = workspace.path("away")
    workspace.write({"x": "", "y": ""}, away)
    for index, code in enumerate(CODES):
        root = workspace.path("roots", str(index))
        workspace.write(dict(FILES, **{"flows/a.py": code + "\n" + flow_text("a")}), root)
        os.symlink("data", os.path.join(root, "linked"))
        with zipfile.ZipFile(os.path.join(root, "code.zip"), "w") as archive:
            archive.writestr("zipped.py", "")
        more = {"root": root, "top": root, "output": os.path.join(workspace.output, str(index))}
        requests.append(workspace.load_request(["flows/a.py"], "reference", observe=True, **more))
    printed, answers = workspace.session(requests, AWAY=away)
    assert [code for code, _ in answers] == [0] * len(CODES), printed
    for _, result in answers:
        assert result["problems"] == []
    return {code: result["seen"] for code, (_, result) in zip(CODES, answers)}


@has_hooks
@pytest.mark.parametrize(("code", "files"), ONLY_FILES)
def test_a_load_names_the_files_that_were_opened(seen, code, files):
    assert (seen[code]["why"], seen[code]["changes"]) == (None, None)
    assert seen[code]["files"] == sorted(["flows/a.py", *files])


@has_hooks
@pytest.mark.parametrize(("code", "why"), MORE)
def test_a_load_says_why_it_may_have_seen_more_than_files(seen, code, why):
    assert seen[code]["why"].startswith(why)
    assert seen[code]["changes"] is None


@has_hooks
@pytest.mark.parametrize(("code", "change"), CHANGES)
def test_a_load_says_what_it_has_changed(seen, code, change):
    assert seen[code]["changes"].startswith(change)
    assert seen[code]["why"] is not None


@pytest.mark.skipif(sys.version_info >= (3, 8), reason="there are audit hooks")
def test_without_audit_hooks_nothing_is_known(workspace):
    workspace.write({"a.py": flow_text("a")})
    result = workspace.result(workspace.load_request(["a.py"], observe=True))
    assert [flow["name"] for flow in result["flows"]] == ["a"]
    assert result["seen"]["why"].startswith("this machine does not tell")
    assert result["seen"]["changes"] is not None


def test_a_load_that_is_not_observed_says_nothing(workspace):
    assert workspace.load({"a.py": flow_text("a")}, ["a.py"])["seen"] is None


def test_a_flow_module_beside_is_not_loaded_and_goes_into_pickles(workspace):
    workspace.write({"a.py": "import b\n" + flow_text("a"), "b.py": "VALUE = 1"})
    request = workspace.load_request(["a.py"], "reference", beside=["b.py"])
    result = workspace.result(request)
    assert [flow["name"] for flow in result["flows"]] == ["a"]
    assert result["helpers"] == []
    assert result["inPickles"] == ["a.py", "b.py"]


FACTORY = (
    "from prefect import Flow\ndef make():\n    return Flow('made')\ndef other():\n    Flow('x')\n"
)


@pytest.mark.parametrize(
    ("files", "field", "expected"),
    [
        ({"a.py": "import lib\n" + flow_text("a")}, "foreign", []),
        # Something else has the name in the other flow module.
        ({"a.py": "import json\n" + flow_text("a"), "x/json.py": ""}, "foreign", ["json"]),
        ({"a.py": "from make import make\nflow = make()"}, "called", [("make.py", "make")]),
        ({"a.py": FACTORY}, "builders", {"a.py": [["make"], ["other"]]}),
    ],
)
def test_an_observed_load_says_what_a_merge_with_others_needs(workspace, files, field, expected):
    workspace.write(dict({"lib.py": "", "make.py": FACTORY}, **files))
    module = {"file": "a.py", "explicit": False}
    result = workspace.result(workspace.load_request([module], "reference", observe=True))
    found = result["seen"][field]
    if field == "called":
        found = [(each["file"], each["name"]) for each in found]
    assert found == expected
