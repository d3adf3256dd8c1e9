"""Flows at the top level of a module are found, wherever they are bound."""

import pytest
from kit import flow_text

TEXT = """
    from prefect import Flow, Parameter, task
    from collections import OrderedDict
    class Special(Flow):
        __hash__ = object.__hash__
    first = Flow("first")
    again = first
    listed = [Flow("in list"), (Flow("in tuple"), first)]
    mapped = OrderedDict(x={"y": Flow("in dict")}, me=None)
    mapped["me"] = mapped
    grouped = {Special("set b"), Special("set a")}
    def make(name):
        with Flow(name) as flow:
            hidden = Flow("not bound")
        return flow
    made = make("made")
    special = Special("special")
    copied = first.copy()
    copied.name = "copied"
"""


@pytest.fixture(scope="module")
def flows(shared_workspace):
    return shared_workspace.load({"m.py": TEXT}, ["m.py"])["flows"]


def test_flows_are_found_in_the_order_in_which_they_are_bound(flows):
    names = ["first", "in list", "in tuple", "in dict", "set a", "set b"]
    assert [flow["name"] for flow in flows] == [*names, "made", "special", "copied"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("first", 6),
        ("in list", 8),
        ("in tuple", 8),
        ("in dict", 9),
        ("set a", 11),
        ("set b", 11),
        ("made", 16),
        ("special", 17),
        ("copied", 18),
    ],
)
def test_the_line_of_a_flow_is_that_of_the_statement_that_created_it(flows, name, line):
    assert {flow["name"]: flow["line"] for flow in flows}[name] == line


def test_a_flow_is_found_however_deep_it_is(workspace):
    text = "\ndeep = [flow]\ndel flow\nfor _ in range(10000):\n    deep = [deep]\n"
    flows = workspace.load({"flow.py": flow_text("a") + text}, ["flow.py"])["flows"]
    assert [flow["name"] for flow in flows] == ["a"]
