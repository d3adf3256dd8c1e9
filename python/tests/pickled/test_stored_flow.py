"""A stored flow is read as what its storage keeps, whatever its file is called."""

import base64
import json

import pytest
from kit import flow_text


@pytest.fixture(scope="module")
def files(shared_workspace):
    """The file of one flow in each form, by what it holds."""
    (flow,) = shared_workspace.load({"m.py": flow_text("a")}, ["m.py"])["flows"]
    pickled = shared_workspace.pickle(flow)
    envelope = {"flow": base64.b64encode(pickled).decode(), "versions": {}}
    contents = {
        "pickle": pickled,
        "envelope": json.dumps(envelope).encode(),
        "source": flow_text("a").encode(),
    }
    # The name says the wrong thing of each.
    names = {"pickle": "pickle.py", "envelope": "envelope.py", "source": "source"}
    return {c: write(shared_workspace, names[c], data) for c, data in contents.items()}


def write(workspace, name, data):
    path = workspace.path(name)
    with open(path, "wb") as stream:
        stream.write(data)
    return path


@pytest.fixture(scope="module")
def check(shared_workspace):
    """What a check finds for flows: their file and what it is said to hold."""

    def check_flows(*flows):
        wanted = [{"name": "a", "path": path, "content": content} for path, content in flows]
        return shared_workspace.result({"action": "check", "flows": wanted})["flows"]

    return check_flows


def test_each_form_is_read_whatever_the_file_is_called(check, files):
    found = check(*((path, content) for content, path in files.items()))
    assert [flow["error"] for flow in found] == [None, None, None]


def test_a_form_is_not_taken_for_another(check, files):
    pairs = [(path, other) for own, path in files.items() for other in files if other != own]
    assert [flow["ok"] for flow in check(*pairs)] == [False] * 6


def test_a_form_that_is_not_known_is_an_error(check, files):
    (found,) = check((files["pickle"], "parcel"))
    assert "can't be read as 'parcel'" in found["error"]


def test_a_source_without_the_flow_is_an_error(shared_workspace, check):
    path = write(shared_workspace, "other", flow_text("b").encode())
    (found,) = check((path, "source"))
    assert 'has no flow "a"' in found["error"]
