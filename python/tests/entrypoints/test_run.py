"""A run of a flow, with a server of its own."""

import os

import pytest

TEXT = """
    from datetime import date
    from prefect import flow

    @flow
    def counts(day: date, n: int = 1):
        assert isinstance(day, date)
        return 10 / n

    @flow
    def rows(n: int = 2):
        for i in range(n):
            print("row", i)
            yield i
        raise ValueError("no more")

    @flow
    def leaves():
        raise SystemExit(3)
"""


@pytest.fixture(scope="module")
def run(shared_workspace):
    shared_workspace.write({"flows.py": TEXT})

    def run_flow(name="counts", **parameters):
        flow = shared_workspace.at_entrypoint(name, f"flows.py:{name}")
        request = {"action": "run", "flow": flow, "parameters": parameters}
        # An image may have this variable: a run still needs a server.
        return shared_workspace.result(request, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false")

    return run_flow


def test_a_run_gives_the_final_state_and_leaves_nothing(run, shared_workspace):
    result = run(day="2024-01-02", n="2")
    assert (result["state"], result["successful"]) == ("Completed", True), result
    assert os.listdir(shared_workspace.home) == []


def test_a_generator_is_read_to_its_end(run):
    result = run("rows")
    # Prefect 2 says that it crashed.
    assert result["state"] in ("Failed", "Crashed"), result
    assert result["successful"] is False
    assert "no more" in result["message"]


def test_a_flow_that_leaves_python_has_crashed(run):
    result = run("leaves")
    assert (result["state"], result["successful"]) == ("Crashed", False), result


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "it requires the parameter day"),
        ({"day": "2024-01-02", "x": 1}, "it has no parameter x; it has: day, n"),
        ({"day": "tomorrow"}, "day"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(run, parameters, message):
    result = run(**parameters)
    assert (result["state"], result["refused"]) == (None, True)
    assert message in result["message"]
