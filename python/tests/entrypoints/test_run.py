"""A run of a flow, with a server of its own."""

import os
import re

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
def ended(shared_workspace):
    """The process of a run."""
    shared_workspace.write({"flows.py": TEXT})

    def end(name="counts", **parameters):
        flow = shared_workspace.at_entrypoint(name, f"flows.py:{name}")
        request = {"action": "run", "flow": flow, "parameters": parameters}
        # An image may have this variable: a run still needs a server.
        return shared_workspace.loader(request, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false")

    return end


@pytest.fixture(scope="module")
def run(ended, shared_workspace):
    def run_flow(name="counts", **parameters):
        assert ended(name, **parameters).returncode == 0
        return shared_workspace.read_result()

    return run_flow


def test_a_run_gives_the_final_state_and_leaves_nothing(ended, shared_workspace):
    process = ended(day="2024-01-02", n="2")
    text = process.stdout + process.stderr
    result = shared_workspace.read_result()
    assert (result["state"], result["successful"]) == ("Completed", True), text
    assert os.listdir(shared_workspace.home) == []
    # Nothing of the server that the run starts and stops, or of the loader.
    assert not re.search("Traceback|warning|hook", text, re.IGNORECASE), text


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
