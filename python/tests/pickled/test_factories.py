"""Functions that return flows, and modules that only would build one."""

import pytest
from kit import fields_of

FACTORIES = """
    import functools
    from prefect import Flow, task
    @task
    def value():
        return 1
    def build_flow(name="one"):
        with Flow(name) as flow:
            value()
        return flow
    def several():
        return [build_flow("two"), build_flow("three")]
    def generated():
        yield build_flow("four")
    @functools.lru_cache()
    def cached():
        return build_flow("five")
    partial = functools.partial(build_flow, "six")
    def required(name, *, other):
        return build_flow(name)
    def nothing():
        build_flow("none")
    def numbers():
        return [1, 2]
    def failing():
        raise ValueError("broken")
    TEXT = "text"
    class Builder:
        @staticmethod
        def build():
            return build_flow("seven")
        @classmethod
        def both(cls):
            return [cls.build(), build_flow("eight")]
        class Inner:
            flow = build_flow("nine")
        def method(self):
            return build_flow("none")
"""


class TestCalled:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        names = ["build_flow", "several", "generated", "cached", "partial"]
        names += ["Builder.both", "Builder.Inner.flow"]
        modules = [{"file": "m.py", "flows": names}]
        return shared_workspace.load({"m.py": FACTORIES}, modules)

    def test_a_function_that_flows_names_is_called(self, result):
        names = [flow["name"] for flow in result["flows"]]
        assert names == [
            *("one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine"),
        ]

    def test_its_flows_are_placed_in_the_function(self, result):
        lines = {flow["name"]: (flow["module"], flow["line"]) for flow in result["flows"]}
        assert (lines["one"], lines["two"]) == (("m.py", 8), ("m.py", 12))

    def test_its_flows_read_back_and_run(self, shared_workspace, result):
        assert set(shared_workspace.values(result).values()) == {1}


def problem_of(workspace, name):
    modules = [{"file": "m.py", "flows": [name]}]
    result = workspace.load({"m.py": FACTORIES}, modules, ok=False)
    return fields_of(result["problems"], "code", "line", "message")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("required", "`required` in m.py requires the argument `name`, `other`."),
        ("nothing", "nothing() of m.py returns None, not a flow or a list of flows."),
        (
            "numbers",
            "numbers() of m.py returns a list without a flow, not a flow or a list of flows.",
        ),
        ("TEXT", "`TEXT` in m.py is a str, not a flow."),
        ("Builder", "`Builder` in m.py is a class, not a flow."),
        ("value", "`value` in m.py is a FunctionTask, not a flow."),
        ("Builder.method", "`Builder.method` in m.py requires the argument `self`."),
    ],
)
def test_what_is_no_flow_and_gives_none_is_a_problem(workspace, name, message):
    assert problem_of(workspace, name) == [("FLOW_NOT_FOUND", None, message)]


def test_an_error_of_a_function_is_a_problem_with_its_line(workspace):
    message = "failing() of m.py failed: ValueError: broken"
    assert problem_of(workspace, "failing") == [("MODULE_IMPORT", 26, message)]


def test_a_flow_that_is_absent_is_a_problem_that_names_the_functions(workspace):
    text = "from prefect import Flow\nflow = Flow('a')\ndef build():\n    return Flow('b')\n"
    modules = [{"file": "m.py", "flows": ["other"]}]
    result = workspace.load({"m.py": text}, modules, ok=False)
    assert fields_of(result["problems"], "message", "hint") == [
        (
            'No flow "other" in m.py. It has the flow "a". The function `build` builds a flow.',
            "Name the function in `flows`: `m.py:build`. It is called without arguments.",
        )
    ]


MAIN = 'the block `if __name__ == "__main__":` builds a flow'
FLOWLESS = [
    ("def f():\n    return Flow('x')\n", ["the function `f` builds a flow"], ["f"]),
    ("def f() -> Flow:\n    return unknown()\n", ["the function `f` builds a flow"], ["f"]),
    (
        "def f():\n    return Flow('x')\ndef g():\n    return [f()]\n",
        ["the functions `f`, `g` build flows"],
        ["f", "g"],
    ),
    (
        "class A:\n    x = Flow('x')\n"
        + "".join(f"def f{i}():\n    return Flow('x')\n" for i in range(7)),
        [
            "the functions `f0`, `f1`, `f2`, `f3`, `f4` and 2 more build flows",
            "the class `A` builds a flow",
        ],
        [f"f{i}" for i in range(7)],
    ),
    (
        "def f(name):\n    return Flow(name)\n",
        ["the function `f` builds a flow but requires arguments"],
        [],
    ),
    (
        "def f():\n    Flow('x').run()\n",
        ["the function `f` builds a flow but does not return it"],
        [],
    ),
    ("if __name__ == '__main__':\n    with Flow('x') as flow:\n        pass\n", [MAIN], []),
    ("class A:\n    flow = Flow('x')\n", ["the class `A` builds a flow"], []),
    (
        "class A:\n    def f(self):\n        return Flow('x')\n",
        ["the class `A` builds a flow"],
        [],
    ),
    (
        "class A:\n    @staticmethod\n    def f():\n        return Flow('x')\n",
        ["the method `A.f` builds a flow"],
        ["A.f"],
    ),
    (
        "class A:\n    @classmethod\n    def f(cls, name):\n        return Flow(name)\n",
        ["the class `A` builds a flow"],
        [],
    ),
    ("with Flow('x'):\n    pass\n", ["line 3 builds a flow that no variable holds"], []),
    (
        "import os\nif os.environ.get('NOT_SET'):\n    x = Flow('x')\n",
        ["line 5 builds a flow that no variable holds"],
        [],
    ),
    ("def f():\n    return 1\n", [], []),
    ("class Flow:\n    pass\ndef f():\n    return Flow()\n", [], []),
]


@pytest.mark.parametrize(("text", "seen", "factories"), FLOWLESS)
def test_a_module_without_a_flow_is_listed_with_what_would_build_one(
    workspace, text, seen, factories
):
    files = {"m.py": "import prefect\nfrom prefect import Flow\n" + text}
    result = workspace.load(files, [{"file": "m.py", "explicit": False}])
    assert result["flowless"] == [{"file": "m.py", "seen": seen, "factories": factories}]


def test_an_import_in_the_function_itself_counts(workspace):
    text = "def f():\n    from prefect import Flow as F\n    return F('x')\n"
    text += "def g():\n    import prefect\n    return prefect.Flow('x')\n"
    result = workspace.load({"m.py": text}, [{"file": "m.py", "explicit": False}])
    assert result["flowless"][0]["factories"] == ["f", "g"]


def test_a_function_or_a_method_that_another_module_has_called_is_not_listed(workspace):
    files = {
        "lib.py": "from prefect import Flow\ndef build(name):\n    return Flow(name)\n"
        "class Builder:\n    def make(self):\n        return Flow('b')\n",
        "z.py": "import lib\na, b = lib.build('a'), lib.Builder().make()\n",
    }
    modules = [{"file": name, "explicit": False} for name in sorted(files)]
    result = workspace.load(files, modules)
    assert result["flowless"] == [{"file": "lib.py", "seen": [], "factories": []}]
    assert [flow["line"] for flow in result["flows"]] == [2, 2]


def test_a_function_that_is_named_beside_its_module_adds_to_the_flows_of_the_module(workspace):
    text = FACTORIES + "    own = build_flow('own')\n"
    request = {"file": "m.py", "flows": ["*", "several"]}
    flows = workspace.load({"m.py": text}, [request])["flows"]
    assert sorted(flow["name"] for flow in flows) == ["own", "three", "two"]
