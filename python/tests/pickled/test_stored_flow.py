"""A stored flow is read in the form that its storage keeps, whatever its file is called."""

import base64
import json

import pytest
from kit import NO_CHECKS, flow_text


@pytest.fixture(scope="module")
def files(shared_workspace):
    """The files of one flow, by the form of their content."""
    (flow,) = shared_workspace.load({"m.py": flow_text("a")}, ["m.py"])["flows"]
    pickled = shared_workspace.pickle(flow)
    envelope = {"flow": base64.b64encode(pickled).decode(), "versions": {}}
    contents = {
        "pickle": pickled,
        "envelope": json.dumps(envelope).encode(),
        "source": flow_text("a").encode(),
    }
    # The name of each file suggests another form.
    names = {"pickle": "pickle.py", "envelope": "envelope.py", "source": "source"}
    return {c: write(shared_workspace, names[c], data) for c, data in contents.items()}


def write(workspace, name, data):
    path = workspace.path(name)
    with open(path, "wb") as stream:
        stream.write(data)
    return path


@pytest.fixture(scope="module")
def check(shared_workspace):
    """Checks flows, each given by its file and the form of its content."""

    def check_flows(*flows):
        wanted = [{"name": "a", "path": path, "content": content} for path, content in flows]
        request = {"action": "check", "flows": wanted, "checks": NO_CHECKS}
        return shared_workspace.result(request)["flows"]

    return check_flows


def test_each_form_is_read_whatever_the_file_is_called(check, files):
    found = check(*((path, content) for content, path in files.items()))
    assert [flow["error"] for flow in found] == [None, None, None]


def test_a_file_of_another_form_is_an_error(check, files):
    pairs = [(path, other) for own, path in files.items() for other in files if other != own]
    assert [flow["ok"] for flow in check(*pairs)] == [False] * 6


def test_an_unknown_form_is_an_error(check, files):
    (found,) = check((files["pickle"], "parcel"))
    assert "can't be read as 'parcel'" in found["error"]


def test_a_source_without_the_flow_is_an_error(shared_workspace, check):
    path = write(shared_workspace, "other", flow_text("b").encode())
    (found,) = check((path, "source"))
    assert 'has no flow "a"' in found["error"]
