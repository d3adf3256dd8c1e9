"""A run of a stored flow."""

import pytest

SCRIPT = """
    from prefect import Flow, Parameter, task
    @task
    def half(x):
        return 10 / x
    with Flow("halves") as flow:
        half(Parameter("x"))
"""


@pytest.fixture(scope="module")
def run(shared_workspace):
    """Runs the flow with some parameters."""
    shared_workspace.write({"flow.py": SCRIPT}, shared_workspace.folder)
    flow = {"name": "halves", "path": shared_workspace.path("flow.py"), "content": "source"}

    def run_flow(name="halves", **parameters):
        request = {"action": "run", "flow": dict(flow, name=name), "parameters": parameters}
        return shared_workspace.result(request)

    return run_flow


def test_a_run_gives_the_final_state(run):
    result = run(x=2)
    assert (result["state"], result["successful"]) == ("Success", True)
    assert result["refused"] is False


def test_a_run_that_fails_names_the_task(run):
    result = run(x=0)
    assert (result["state"], result["successful"]) == ("Failed", False)
    assert "half: " in result["detail"]
    assert "division by zero" in result["detail"]


def test_an_unknown_parameter_is_an_error_before_anything_runs(run):
    result = run(y=1)
    assert (result["state"], result["successful"]) == (None, False)
    assert result["message"] == "it has no parameter y; it has: x"
    assert result["refused"] is True


def test_a_missing_required_parameter_is_an_error(run):
    result = run()
    assert (result["message"], result["refused"]) == ("it requires the parameter x", True)


def test_a_flow_of_another_name_is_not_run(run):
    result = run(name="other", x=2)
    assert (result["state"], result["successful"]) == (None, False)
    assert 'has no flow "other"' in result["message"]
    assert result["refused"] is False
