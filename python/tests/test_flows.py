"""The selection of the requested flows, and conflicts of their names."""

import os

import pytest
from kit import fields_of, flow_text


class TestSelection:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        text = "from prefect import Flow\none, two = Flow('two'), Flow('uno')\nboth = [one, two]\n"
        files = {"m.py": text, "n.py": flow_text("n"), "empty.py": "x = 1", "quiet.py": "x = 1"}
        modules = [
            {"file": "m.py", "flows": ["one", "two", "three"]},
            {"file": "n.py", "flows": ["flow"]},
            "empty.py",
            {"file": "quiet.py", "explicit": False},
        ]
        return shared_workspace.load(files, modules, ok=False)

    def test_a_flow_is_selected_by_its_name_or_else_by_its_variable(self, result):
        # "two" is the name of a flow, so the variable `two` is not used.
        assert [flow["name"] for flow in result["flows"]] == ["two", "n"]

    def test_the_problem_of_a_missing_flow_names_the_flows_of_the_module(self, result):
        found = fields_of(result["problems"], "code", "file", "message")[0]
        assert found == (
            "FLOW_NOT_FOUND",
            "m.py",
            'No flow "three" in m.py. It has the flows "two", "uno".',
        )

    def test_only_a_module_that_was_named_directly_must_have_a_flow(self, result):
        found = fields_of(result["problems"], "code", "file", "message")[1:]
        assert found == [("FLOW_NOT_FOUND", "empty.py", "No flow found in empty.py.")]


class TestNameConflicts:
    @pytest.fixture(scope="class")
    def problems(self, shared_workspace):
        text = "from prefect import Flow\nflows = [Flow('same') for _ in range(2)]\n"
        files = {"m.py": text, "n.py": flow_text("same")}
        result = shared_workspace.load(files, ["m.py", "n.py"], ok=False)
        return fields_of(result["problems"], "code", "file", "line", "message")

    def test_two_flows_of_the_same_line_conflict(self, problems):
        text = 'Two flows are named "same": m.py:2 and m.py:2.'
        assert problems[0] == ("NAME_CONFLICT", "m.py", 2, text)

    def test_a_conflict_of_two_modules_names_both_lines(self, problems):
        text = 'Two flows are named "same": m.py:2 and n.py:6.'
        assert problems[1:] == [("NAME_CONFLICT", "n.py", 6, text)]


def test_an_imported_flow_belongs_to_the_module_that_created_it(workspace):
    files = {
        "etl/a.py": flow_text("a"),
        # Imported by its own name, and by another after the modules of that root were dropped.
        "etl/b.py": "from a import flow\nfrom etl.a import flow as other",
        "etl/z.py": "from unlisted import flow",
        "etl/unlisted.py": flow_text("u"),
        "c.py": "from etl.a import flow",
    }
    result = workspace.load(files, ["etl/b.py", "etl/a.py", "c.py", "etl/z.py"])
    flows = [(flow["name"], flow["module"], flow["line"]) for flow in result["flows"]]
    assert flows == [("a", "etl/a.py", 6), ("u", "etl/unlisted.py", 6)]


def test_a_flow_is_found_once_by_whatever_path_its_module_was_found(workspace):
    text = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__) + '/../lib')\n"
    files = {
        "lib/shared.py": flow_text("shared"),
        "flows/a.py": text + "from shared import flow as child\n" + flow_text("a"),
    }
    result = workspace.load(files, ["lib/shared.py", "flows/a.py"])
    flows = [(flow["name"], flow["module"]) for flow in result["flows"]]
    assert flows == [("shared", "lib/shared.py"), ("a", "flows/a.py")]


def test_a_flow_and_a_copy_are_placed_where_they_were_made(workspace):
    files = {
        "a.py": "from made import copied, flow, pickled",
        "made.py": flow_text("a")
        + "import cloudpickle\n"
        + "copied = flow.copy()\ncopied.name = 'b'\n"
        + "pickled = cloudpickle.loads(cloudpickle.dumps(flow))\npickled.name = 'c'\n",
    }
    result = workspace.load(files, ["a.py", "made.py"])
    flows = [(flow["name"], flow["module"], flow["line"]) for flow in result["flows"]]
    assert flows == [("b", "made.py", 9), ("a", "made.py", 6), ("c", "made.py", 11)]


def test_a_copy_that_keeps_the_name_conflicts_with_a_hint(workspace):
    files = {"a.py": flow_text("a"), "b.py": "from a import flow\nother = flow.copy()"}
    problems = workspace.load(files, ["a.py", "b.py"], ok=False)["problems"]
    assert fields_of(problems, "code", "file", "line", "hint") == [
        (
            "NAME_CONFLICT",
            "b.py",
            2,
            "The second is a copy, which keeps the name: set its `name` after the copy.",
        )
    ]


def test_a_flow_of_a_module_with_two_names_is_found_once(workspace):
    made = "from prefect import Flow\nbase = Flow('base')\nflow = base.copy()\nflow.name = 'x'\n"
    files = {
        "src/flows/x.py": made,
        "src/flows/__init__.py": "",
        "a.py": "from src.flows.x import *",
        "b.py": "from flows.x import flow",
        "src/c.py": "from flows import x\nmine = x.flow",
    }
    result = workspace.load(files, ["a.py", "b.py", "src/c.py", "src/flows/x.py"])
    flows = [(flow["name"], flow["module"], flow["line"]) for flow in result["flows"]]
    assert flows == [("base", "src/flows/x.py", 2), ("x", "src/flows/x.py", 3)]


def test_a_module_below_a_linked_folder_is_one_module(workspace):
    workspace.write({"src/flows/x.py": flow_text("x"), "a.py": "from flows.x import flow"})
    os.symlink("src/flows", os.path.join(workspace.root, "flows"))
    result = workspace.load({}, ["a.py", "src/flows/x.py"])
    assert [(flow["name"], flow["module"]) for flow in result["flows"]] == [("x", "src/flows/x.py")]


def test_two_links_to_one_file_conflict_with_a_hint(workspace):
    workspace.write({"a/flow.py": flow_text("x")})
    os.symlink("a/flow.py", os.path.join(workspace.root, "b.py"))
    problems = workspace.load({}, ["a/flow.py", "b.py"], ok=False)["problems"]
    hint = "Both are one file, by a link. Leave one out with a line `!b.py` in `flows`."
    assert fields_of(problems, "code", "hint") == [("NAME_CONFLICT", hint)]


def test_a_flow_has_the_imports_of_the_module_that_created_it(workspace):
    files = {
        "a.py": "from b import flow\ndef f():\n    import absent_package\n",
        "b.py": flow_text("x"),
    }
    assert workspace.load(files, ["a.py", "b.py"])["missing"] == []


def test_a_flow_that_a_thread_creates_is_placed_in_its_function(workspace):
    text = """
        from concurrent.futures import ThreadPoolExecutor
        from prefect import Flow
        def make(name):
            return Flow(name)
        flows = list(ThreadPoolExecutor().map(make, ["x"]))
    """
    (flow,) = workspace.load({"a.py": "from m import flows", "m.py": text}, ["a.py"])["flows"]
    assert (flow["module"], flow["line"]) == ("m.py", 5)
