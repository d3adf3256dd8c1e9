"""Calls of Prefect have no effect while modules are loaded."""

import pytest

CALLS = """
    from prefect import Client, Flow, task
    try: from prefect.storage import Docker, Local
    except ImportError: from prefect.environments.storage import Docker
    @task
    def value():
        return 1
    with Flow('f') as flow:
        value()
    storage = Docker(registry_url='r.test', image_name='x')
    location = storage.add_flow(flow)
    assert location == storage.flows['f']
    assert 'f' in storage
    assert storage.build() is storage
    register = getattr(flow, 'register', None) or flow.deploy
    def again():
        assert flow.run() is None
    again()
    again()
    assert register('project') is None
    assert Client().create_project('project') is None
    run = flow.run
    @task
    def runs():
        return run is not None
    with Flow('other') as other:
        runs()
    flow.storage = storage
"""


@pytest.fixture(scope="module")
def loaded(shared_workspace):
    return shared_workspace, shared_workspace.load({"a.py": CALLS}, ["a.py"])


def test_each_line_is_reported_once(loaded):
    _, result = loaded
    calls = [(call["call"], call["file"], call["line"]) for call in result["calls"]]
    assert [name.replace("deploy", "register") for name, _, _ in calls] == [
        "storage.add_flow()",
        "storage.build()",
        "flow.run()",
        "flow.register()",
        "Client().create_project()",
    ]
    assert {file for _, file, _ in calls} == {"a.py"}
    assert [line for _, _, line in calls] == sorted({line for _, _, line in calls})


def test_a_flow_that_was_added_to_its_storage_is_not_in_it_afterwards(loaded):
    workspace, result = loaded
    pickle = workspace.pickle(result["flows"][0])
    assert pickle.count(b"value") > 0
    code = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb')).storage.flows)"
    path = f"{workspace.output}/{result['flows'][0]['file']}"
    assert workspace.python(["-c", code, path], workspace.folder).stdout.strip() == "{}"


def test_a_flow_can_hold_such_a_method(loaded):
    workspace, result = loaded
    assert b"flowstore_loader" not in workspace.pickle(result["flows"][1])
