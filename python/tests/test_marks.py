"""Marks of what the loader does, on standard error."""

import json

from kit import flow_text


def marks_of(workspace, files, modules):
    workspace.write(files)
    ended = workspace.loader(workspace.load_request(modules))
    return [line.strip("\x1e") for line in ended.stderr.split("\n") if line.startswith("\x1e")]


def test_each_module_is_marked_before_its_import_and_their_end_after_them(workspace):
    files = {"a.py": "", "b.py": "import sys\nsys.stderr = None\n"}
    lines = marks_of(workspace, files, ["a.py", "b.py"])
    assert lines[:3] == ["0/2 a.py", "1/2 b.py", "2/2 "]


def test_each_flow_is_marked_before_it_is_serialized_and_their_end_after_them(workspace):
    name = "b" * 300
    files = {"a.py": flow_text("\x1ea\n"), "b.py": flow_text(name)}
    lines = marks_of(workspace, files, ["a.py", "b.py"])
    flows = [line[len("flow ") :] for line in lines if line.startswith("flow ")]
    # Once more for the fields of a registration, if the release has them.
    assert flows[-1] == ""
    assert [json.loads(flow) for flow in flows[:2]] == [
        {"index": 0, "name": "\x1ea\n", "file": "a.py", "line": 6},
        {"index": 1, "name": name[:100], "file": "b.py", "line": 6},
    ]
