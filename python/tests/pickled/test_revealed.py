"""Values of variables for the load alone that end up in flows."""

SECRET = "hunter2-hunter2"

TEXT = """
    import os
    from prefect import Flow, Parameter, task
    KEY = os.environ['KEY']
    @task
    def holds():
        return KEY
    @task
    def other():
        return os.environ['HOME']
    with Flow('holds') as flow:
        holds()
    with Flow('other') as without:
        other()
    with Flow('default') as default:
        Parameter('key', default=KEY)()
"""


def revealed(workspace, variables):
    request = workspace.load_request(["a.py"], variables=variables)
    workspace.write({"a.py": TEXT})
    result = workspace.result(request)
    assert result["problems"] == []
    return [(r["variable"], r["flow"], r["where"]) for r in result["revealed"]]


def test_the_flow_and_the_task_are_named(workspace):
    found = revealed(workspace, {"KEY": SECRET})
    assert found[0] == ("KEY", "holds", 'task "holds" > run > KEY')
    assert {flow for _, flow, _ in found} == {"holds", "default"}
    assert ("KEY", "default", "parameters in the flow's description") in found
    assert SECRET not in str(found)


def test_a_short_value_may_be_there_by_chance(workspace):
    assert revealed(workspace, {"KEY": "data"}) == []
