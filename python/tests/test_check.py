"""A check reads stored flows back, each as an agent would."""

import base64
import json
import os

import pytest
from kit import NO_CHECKS, flow_text

FILES = {
    "m.py": flow_text("raw"),
    "n.py": """
        import helper
        from prefect import Flow, Task
        class Shipped(helper.Base):
            pass
        flow = Flow("helped", tasks=[Shipped()])
    """,
    "helper.py": "import prefect\nclass Base(prefect.Task):\n    def run(self): pass",
}


@pytest.fixture(scope="module")
def request_of_all(shared_workspace):
    result = shared_workspace.load(FILES, ["m.py", "n.py"], "reference")
    raw, helped = (os.path.join(shared_workspace.output, flow["file"]) for flow in result["flows"])
    content = base64.b64encode(shared_workspace.pickle(result["flows"][0])).decode()
    shared_workspace.write(
        {
            "envelope": json.dumps({"flow": content, "versions": {}}),
            "exits": "c__builtin__\nexit\n(I3\ntR.",
            "list": "].",
        },
        shared_workspace.folder,
    )
    flows = [
        ("raw", raw, "pickle"),
        ("raw", shared_workspace.path("envelope"), "envelope"),
        ("helped", helped, "pickle"),
        ("renamed", raw, "pickle"),
        ("exits", shared_workspace.path("exits"), "pickle"),
        ("list", shared_workspace.path("list"), "pickle"),
        ("absent", shared_workspace.path("absent"), "pickle"),
        ("raw", raw, "pickle"),
    ]
    fields = ("name", "path", "content")
    wanted = [dict(zip(fields, flow)) for flow in flows]
    return {"action": "check", "flows": wanted, "checks": NO_CHECKS}


@pytest.fixture(scope="module")
def flows(shared_workspace, request_of_all):
    return shared_workspace.result(request_of_all, cwd=shared_workspace.root)["flows"]


def test_each_flow_has_an_answer_in_the_order_of_the_request(flows, request_of_all):
    names = [flow["name"] for flow in request_of_all["flows"]]
    assert [flow["name"] for flow in flows] == names


def test_flows_that_can_be_read_are_ok_after_others_that_can_not(flows):
    oks = [flow["ok"] for flow in flows]
    assert oks == [True, True, False, False, False, False, False, True]


def test_a_module_that_a_flow_lacks_is_named(flows):
    assert flows[2]["missingModule"] == "helper"
    assert flows[2]["error"] == "ModuleNotFoundError: No module named 'helper'"


def test_modules_on_the_pythonpath_of_the_image_are_found(shared_workspace, request_of_all):
    flows = shared_workspace.result(request_of_all, PYTHONPATH=shared_workspace.root)["flows"]
    assert flows[2]["ok"], flows[2]


def test_a_flow_of_another_name_is_an_error(flows):
    assert "renamed" in flows[3]["detail"] + 'holds the flow "renamed"'
    assert 'holds the flow "raw"' in flows[3]["error"]


def test_a_pickle_that_exits_is_an_error(flows):
    assert flows[4]["error"] == "SystemExit: 3"


def test_a_pickle_of_something_else_is_an_error(flows):
    assert "is a list, not a Flow" in flows[5]["error"]


def test_a_missing_file_is_an_error(flows):
    assert "FileNotFoundError" in flows[6]["error"]
