"""The pickles of flows, and the problems of flows that can't be pickled."""

import re

import pytest
from kit import fields_of

from flowstore_loader.pickled.serialization import pickle_protocol


@pytest.mark.parametrize(
    ("version", "protocol"),
    [
        ("0.5.4", None),
        ("0.5.3+275.gabc", None),
        ("0+unknown", None),
        ("0.14.2", None),
        ("0.14.3", 4),
        ("0.14.22", 4),
        ("0.15", 4),
        ("1.0rc0", 5),
        ("1.4.1", 5),
    ],
)
def test_the_protocol_depends_on_the_release(version, protocol):
    choices = [{"since": "0.14.3", "protocol": 4}, {"since": "1.0.0", "protocol": 5}]
    assert pickle_protocol(choices, version) == protocol


@pytest.fixture(scope="module")
def pickle(shared_workspace):
    protocols = [{"since": "0.0", "protocol": 2}]
    # Without a function, whose code would have the path of the test's folder.
    text = "from prefect import Flow, Parameter\nflow = Flow('a', tasks=[Parameter('x')])\n"
    result = shared_workspace.load({"m.py": text}, ["m.py"], protocols=protocols)
    [flow] = result["flows"]
    return shared_workspace.pickle(flow)


def test_a_pickle_has_the_requested_protocol(pickle):
    assert pickle[:2] == b"\x80\x02"


def test_a_pickle_contains_no_name_of_the_loader(pickle):
    assert b"flowstore" not in pickle


TEXT = """
    import sys
    from prefect import Flow, task, Task
    frame = sys._getframe()
    def use():
        return frame
    @task
    def fine(): return 1
    @task
    def faulty(): return use()
    class Holder(Task):
        def __init__(self):
            self.held = {"deep": [sys._getframe()]}
            super().__init__(name="holder")
        def run(self): return 1
    with Flow("bad") as bad:
        fine()
        faulty()
    worse = Flow("worse", tasks=[Holder()])
    with Flow("good") as good:
        fine()
"""


class TestUnpicklable:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        return shared_workspace.load({"m.py": TEXT}, ["m.py"], ok=False)

    @pytest.fixture(scope="class")
    def messages(self, result):
        return [message for (message,) in fields_of(result["problems"], "message")]

    def test_other_flows_of_the_module_are_pickled(self, result):
        assert [flow["name"] for flow in result["flows"]] == ["good"]

    def test_the_problem_is_at_the_line_that_created_the_flow(self, result):
        lines = [("FLOW_SERIALIZE", "m.py", 16), ("FLOW_SERIALIZE", "m.py", 19)]
        assert fields_of(result["problems"], "code", "file", "line") == lines

    def test_the_global_that_a_task_s_function_uses_is_named(self, messages):
        expected = 'Flow "bad" can\'t be pickled: task "faulty" > run > use > frame'
        assert expected in messages[0]

    def test_the_item_that_a_task_holds_is_named(self, messages):
        assert "task \"holder\" > held > ['deep'] > [0]" in messages[1]

    def test_the_error_of_pickle_is_in_the_message(self, messages):
        assert re.search("TypeError: .*frame", messages[1])
