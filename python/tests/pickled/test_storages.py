"""A result describes the storage that a module sets."""

import pytest

TEXT = """
    from prefect import Flow
    flow = Flow('s')
    plain = Flow('plain')
    class Heavy: pass
    flow.storage = Heavy()
    try: from prefect.storage import Docker
    except ImportError: from prefect.environments.storage import Docker
    class Ours(Docker): pass
    docker = Flow('docker')
    docker.storage = Ours(registry_url='r.io/x', python_dependencies=['pandas'],
        env_vars={'A': '1'}, files={__file__: '/flow.py'})
    bare = Flow('bare')
    bare.storage = Docker()
"""


@pytest.fixture(scope="module")
def storages(shared_workspace):
    flows = shared_workspace.load({"m.py": TEXT}, ["m.py"])["flows"]
    return {flow["name"]: flow["storage"] for flow in flows}


def test_a_storage_of_the_user_s_own_class_has_the_name_of_that_class(storages):
    assert storages["s"] == {"type": "Heavy", "options": {}}


def test_a_flow_that_sets_no_storage_has_none(storages):
    assert storages["plain"] is None


def test_a_subclass_of_prefect_s_storage_has_prefect_s_name_and_what_was_set(storages):
    options = {
        "registry_url": "r.io/x",
        "python_dependencies": ["pandas"],
        "env_vars": {"A": "1"},
        "files": {"m.py": "/flow.py"},
    }
    assert storages["docker"] == {"type": "Docker", "options": options}


def test_a_storage_with_only_defaults_has_no_options(storages):
    assert storages["bare"] in (None, {"type": "Docker", "options": {}})
