"""The result of a load that can't load anything."""

import platform

from kit import fields_of, flow_text


def prefect_problem(result):
    assert result["versions"] is None
    [found] = result["problems"]
    assert found["code"] == "PREFECT_NOT_FOUND"
    return found


def test_a_missing_prefect_is_a_problem(workspace):
    result = workspace.result(workspace.load_request([]), flags=["-S"])
    assert "not installed" in prefect_problem(result)["message"]


def test_a_prefect_that_can_not_be_imported_is_a_problem_with_its_reason(workspace):
    fake = workspace.path("fake")
    workspace.write({"prefect/__init__.py": "import urllib3_is_too_new"}, fake)
    found = prefect_problem(workspace.result(workspace.load_request([]), PYTHONPATH=fake))
    assert "urllib3_is_too_new" in found["message"]
    assert "fake" in found["detail"]


def test_a_missing_root_is_a_problem(workspace):
    request = workspace.load_request([], root=workspace.path("nowhere"))
    assert fields_of(workspace.result(request)["problems"], "code") == [("LOAD_FAILED",)]


def test_an_interpreter_that_differs_from_the_expected_one_loads_nothing(workspace):
    workspace.write({"a.py": "raise Exception('imported')"})
    expected = {"python": "2.7", "machine": platform.machine(), "packages": {"prefect": "0"}}
    result = workspace.result(workspace.load_request(["a.py"], expect=expected))
    assert [d["what"] for d in result["differences"]] == ["prefect", "python"]
    assert (result["flows"], result["problems"]) == ([], [])


def test_functions_that_a_module_replaces_are_not_those_of_the_loader(workspace):
    text = "import builtins\nbuiltins.open = None\n"
    workspace.load({"flow.py": flow_text("a") + text}, ["flow.py"])
