"""The release's own checks of stored flows, in its words."""

import json

import pytest
from kit import NO_CHECKS, flow_text

RETRIES = """
import datetime
from prefect import Flow, task
@task
def first():
    return 1
@task(max_retries=2, retry_delay=datetime.timedelta(seconds=1))
def second(value):
    return value
with Flow("retries") as flow:
    second(first())
"""


@pytest.fixture
def check(workspace):
    """Loads a module with one flow, and checks that with the release's own checks."""

    def check_flow(text, **checks):
        (flow,) = workspace.load({"m.py": text}, ["m.py"])["flows"]
        path = workspace.path("flow.pickle")
        with open(path, "wb") as stream:
            stream.write(workspace.pickle(flow))
        stored = {"name": flow["name"], "path": path, "content": "pickle"}
        request = {"action": "check", "flows": [stored], "checks": dict(NO_CHECKS, **checks)}
        return workspace.result(request)

    return check_flow


def test_a_retry_without_a_result_is_told_of_in_the_words_of_the_release(check):
    import prefect

    (flow,) = check(RETRIES, results=True)["flows"]
    assert flow["ok"]
    # 0.5 has no such check, and later releases warn.
    said = [] if prefect.__version__.startswith("0.5") else [True]
    assert ["has retry settings" in words for words in flow["warnings"]] == said
    assert flow["refused"] is None


def test_no_check_is_made_that_is_not_asked_for(check):
    (flow,) = check(RETRIES)["flows"]
    assert (flow["warnings"], flow["refused"], flow["unserializable"]) == ([], None, None)


def test_a_flow_that_the_release_can_not_serialize_is_told_of(check):
    text = """
        from prefect import Flow, Parameter
        flow = Flow("a", tasks=[Parameter("p", default={1, 2})])
    """
    (flow,) = check(text, serialize=True)["flows"]
    assert flow["ok"], flow
    assert flow["unserializable"], flow


@pytest.mark.parametrize(
    ("document", "is_read"),
    [({"type": "Docker", "flows": {}}, True), ({"type": "Docker", "flows": {"a": 1}}, False)],
)
def test_the_storage_is_read_by_the_schema_of_the_release(check, document, is_read):
    result = check(flow_text("a"), storage=json.dumps(document))
    assert (result["storageError"] is None) == is_read
