"""The description of a flow in a result."""

import pytest

TEXT = """
    from prefect import Flow, Parameter
    defaults = {"map": {"a": [1, 2.5]}, "tuple": (1, 2), "object": object}
    tasks = [Parameter(name, default=value) for name, value in defaults.items()]
    tasks += [Parameter("required"), Parameter("nan", default=float("nan"))]
    tasks.append(Parameter("none", default=None, required=False))
    parameters = Flow("Über flöw #1", tasks=tasks)
"""


@pytest.fixture(scope="module")
def result(shared_workspace):
    return shared_workspace.load({"m.py": TEXT}, ["m.py"])


def test_a_flow_has_a_slug_and_its_module(result):
    [flow] = result["flows"]
    assert flow["name"] == "Über flöw #1"
    assert (flow["slug"], flow["module"]) == ("uber-flow-1", "m.py")


def test_parameters_are_sorted_and_have_the_defaults_that_json_can_hold(result):
    [flow] = result["flows"]
    assert flow["parameters"] == [
        {"name": "map", "required": False, "default": {"a": [1, 2.5]}},
        {"name": "nan", "required": False},
        {"name": "none", "required": False, "default": None},
        {"name": "object", "required": False},
        {"name": "required", "required": True},
        {"name": "tuple", "required": False},
    ]


def test_a_result_has_the_version_of_prefect(result):
    import prefect

    assert result["versions"]["prefect"] == prefect.__version__
