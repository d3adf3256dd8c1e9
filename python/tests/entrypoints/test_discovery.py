"""Which flows a load finds, and what it calls them; each is loaded by Prefect's own function."""

import prefect
import pytest
from kit import fields_of

from flowstore_loader.entrypoints.loading import loads_classes

HAS_CLASSES = loads_classes()
# Flows that are class methods can be made at all.
MAKES_CLASS_FLOWS = not prefect.__version__.startswith("3.0.")
FILES = {
    "flows/a.py": '''
        import functools
        from datetime import date
        from prefect import flow
        from .helpers import VALUE

        @flow
        def plain(day: date = date(2024, 1, 1), n: int = VALUE, *, tag: str):
            """Plain."""

        @flow(name="Nightly orders", retries=2, retry_delay_seconds=5, timeout_seconds=10)
        async def nightly():
            pass

        @flow
        def rows():
            yield 1

        other = plain.with_options(name="other")
        again = plain.with_options(retries=1)
        alias = plain

        def make(name):
            @flow(name=name)
            def made():
                pass
            return made

        first = make("first")
        many = {"key": [make("held")]}

        def decorated(function):
            @functools.wraps(function)
            def wrapper():
                return function()
            return wrapper

        @decorated
        @flow
        def above():
            pass

        @flow
        @decorated
        def below():
            pass

        class Shop:
            @flow
            def sell(self, n: int = 1):
                pass

        class Stall:
            @flow
            def open(self):
                pass

        shop = Shop()
        unnamed = flow(lambda: 1)
    ''',
    "flows/helpers.py": "VALUE = 3",
    "flows/b.py": """
        from prefect import flow
        from flows.a import make, plain
        from flows import a

        copy = plain.with_options(retries=9)
        made = make("first")

        @flow
        def b():
            plain(tag="x")
    """,
    "flows/json.py": "from prefect import flow\n@flow\ndef standard(): pass",
    "flows/deep/two.py": """
        from prefect import flow
        from ..helpers import VALUE

        @flow
        def dots():
            pass
    """,
}
METHODS = [("sell", "flows/a.py:shop.sell", 49)] if HAS_CLASSES else []
FOUND = [
    ("plain", "flows/a.py:plain", 7),
    ("Nightly orders", "flows/a.py:nightly", 11),
    ("rows", "flows/a.py:rows", 15),
    ("other", "flows/a.py:other", 19),
    ("plain", "flows/a.py:again", 20),
    ("first", "flows/a.py:first", 29),
    ("below", "flows/a.py:below", 43),
    *METHODS,
    ("plain", "flows/b.py:copy", 6),
    ("first", "flows/b.py:made", 7),
    ("b", "flows/b.py:b", 9),
    ("standard", "flows/json.py:standard", 2),
    ("dots", "flows.deep.two:dots", 5),
]


@pytest.fixture(scope="module")
def result(shared_workspace):
    return shared_workspace.find(FILES)


def test_each_flow_is_found_once_with_its_entrypoint_and_line(result):
    assert result["problems"] == []
    found = [(f["name"], f["entrypoint"], f["line"]) for f in result["flows"]]
    assert [f for f in found if f[0] != "unknown-lambda"] == FOUND


def test_each_entrypoint_is_loaded_by_prefect_with_the_same_details(shared_workspace, result):
    flows = [shared_workspace.at_entrypoint(f["name"], f["entrypoint"]) for f in result["flows"]]
    checked = shared_workspace.check(flows)
    assert [each["error"] for each in checked] == [None] * len(flows)
    assert [each["details"] for each in checked] == [f["details"] for f in result["flows"]]


def test_the_details_are_what_prefect_registers(result):
    details = {flow["entrypoint"]: flow["details"] for flow in result["flows"]}
    plain = details["flows/a.py:plain"]
    assert plain["description"] == "Plain."
    properties = plain["parameterSchema"]["properties"]
    assert list(properties) == ["day", "n", "tag"]
    assert (properties["day"]["default"], properties["n"]["default"]) == ("2024-01-01", 3)
    assert plain["parameterSchema"]["required"] == ["tag"]
    assert len(plain["version"]) == 32
    nightly = details["flows/a.py:nightly"]
    settings = [nightly[n] for n in ("isAsync", "retries", "retryDelaySeconds", "timeoutSeconds")]
    assert settings == [True, 2, 5, 10.0]
    assert details["flows/a.py:rows"]["isGenerator"] is True
    assert plain["isGenerator"] is False


def test_what_no_entrypoint_can_name_is_listed_with_the_reason(result):
    reasons = {each["name"]: each["why"] for each in result["unaddressable"]}
    assert "only in a list" in reasons["held"]
    assert "plain function" in reasons["above"]
    expected = "no object for it" if HAS_CLASSES else "can't load a flow of a class"
    assert expected in reasons["open"]
    assert ("sell" in reasons) is not HAS_CLASSES
    assert fields_of(result["unaddressable"], "file")[0] == ("flows/a.py",)


def test_the_files_of_a_flow_are_those_that_its_imports_reach(result):
    closures = {flow["entrypoint"]: flow["closure"] for flow in result["flows"]}
    closed = {"data": [], "open": None}
    helped = {"files": ["flows/a.py", "flows/helpers.py"], **closed}
    assert closures["flows/a.py:plain"] == helped
    imported = {"files": ["flows/a.py", "flows/b.py", "flows/helpers.py"], **closed}
    assert closures["flows/b.py:b"] == imported
    dots = {"files": ["flows/deep/two.py", "flows/helpers.py"], **closed}
    assert closures["flows.deep.two:dots"] == dots


def test_a_neighbour_named_as_a_standard_module_is_one_of_the_files(workspace):
    files = {
        "a.py": "from prefect import flow\nfrom .calendar import x\n@flow\ndef f(): pass",
        "calendar.py": "x = 1",
    }
    result = workspace.find(files, ["a.py"])
    assert result["flows"][0]["closure"]["files"] == ["a.py", "calendar.py"]


def test_modules_of_one_name_see_their_own_neighbours(workspace):
    text = """
        from prefect import flow
        from .helpers import NAME
        import shared

        @flow(name=NAME + shared.NAME)
        def main():
            pass
    """
    files = {f"{n}/flow.py": text for n in "xy"}
    files.update({f"{n}/helpers.py": f"NAME = '{n}'" for n in "xy"})
    files.update({f"{n}/shared.py": f"NAME = '{n}'" for n in "xy"})
    result = workspace.find(files, ["x/flow.py", "y/flow.py"])
    assert fields_of(result["flows"], "name") == [("xx",), ("yy",)]


CLASSES = """
    from prefect import flow

    class C:
        @flow
        @staticmethod
        def one(n: int = 1):
            pass

        @flow
        @classmethod
        def two(cls, n: int = 1):
            pass

        @staticmethod
        @flow
        def three(n: int = 1):
            pass

    @flow
    def function():
        pass
"""


def test_flows_of_classes_are_found_where_the_release_loads_them(workspace):
    if not MAKES_CLASS_FLOWS:
        pytest.skip("the release makes no flows of classes")
    result = workspace.find({"a.py": CLASSES})
    names = ["one", "two", "three"]
    methods = [(n, f"a.py:C.{n}") for n in names] if HAS_CLASSES else []
    found = fields_of(result["flows"], "name", "entrypoint")
    assert found == [*methods, ("function", "a.py:function")]
    refused = [] if HAS_CLASSES else [(n,) for n in names]
    assert fields_of(result["unaddressable"], "name") == refused


def test_an_imported_flow_counts_at_its_own_module_only(workspace):
    files = {
        "lib/own.py": "from prefect import flow\n@flow\ndef own(): pass",
        "use.py": "from prefect import flow\nfrom lib.own import own\n@flow\ndef use(): own()",
    }
    result = workspace.find(files)
    assert fields_of(result["flows"], "entrypoint") == [("lib/own.py:own",), ("use.py:use",)]
    alone = workspace.find({}, ["use.py"])
    assert fields_of(alone["flows"], "entrypoint") == [("use.py:own",), ("use.py:use",)]
    chosen = {"file": "use.py", "flows": ["own"]}
    both = workspace.find({}, ["lib/own.py", chosen])
    assert fields_of(both["flows"], "entrypoint") == [("lib/own.py:own",)]


def test_a_flow_of_a_relative_import_counts_at_its_own_module_only(workspace):
    files = {
        "pkg/__init__.py": "from .own import own",
        "pkg/own.py": "from prefect import flow\n@flow\ndef own(): pass",
        "pkg/use.py": "from .own import own\nfrom . import own as module",
    }
    assert fields_of(workspace.find(files)["flows"], "entrypoint") == [("pkg/own.py:own",)]


def test_a_flow_is_chosen_by_its_variable_or_its_name(workspace):
    text = """
        from prefect import flow
        @flow(name="Daily orders")
        def orders(): pass
        @flow
        def prices(): pass
        def make():
            @flow
            def made(): pass
            return made
    """
    for wanted in ("orders", "Daily orders"):
        result = workspace.find({"a.py": text}, [{"file": "a.py", "flows": [wanted]}])
        assert fields_of(result["flows"], "entrypoint") == [("a.py:orders",)]
    result = workspace.find({}, [{"file": "a.py", "flows": ["make"]}])
    [problem] = result["problems"]
    assert problem["code"] == "FLOW_NOT_FOUND"
    assert "Bind what `make` returns to a variable" in problem["hint"]
    [problem] = workspace.find({}, [{"file": "a.py", "flows": ["nope"]}])["problems"]
    assert problem["message"] == (
        'No flow "nope" in a.py. It has the flows "Daily orders", "prices". '
        "The function `make` makes a flow."
    )


def test_a_chosen_flow_that_no_entrypoint_can_name_is_an_error_with_the_reason(workspace):
    text = "from prefect import flow\n@flow\ndef f(): pass\nflows = [f]\ndel f\n"
    text += "@flow\ndef g(): pass\n"
    request = [{"file": "a.py", "flows": ["f"]}]
    [problem] = workspace.find({"a.py": text}, request)["problems"]
    assert problem["code"] == "FLOW_NOT_FOUND"
    assert problem["message"] == 'The flow "f" in a.py can\'t be stored.'
    assert problem["line"] == 2
    assert problem["detail"] == (
        'a.py:2: flow "f": It is only in a list: bind it to a variable at the top level of the '
        "module."
    )


def test_a_module_whose_flows_no_entrypoint_can_name_is_an_error_with_each_reason(workspace):
    text = "from prefect import flow\n@flow\ndef f(): pass\nflows = [f]\ndel f\n"
    [problem] = workspace.find({"a.py": text}, [{"file": "a.py", "flows": None}])["problems"]
    assert problem["message"] == "No flow in a.py can be stored."
    assert 'a.py:2: flow "f": It is only in a list' in problem["detail"]


def test_two_flows_may_have_one_name(workspace):
    text = "from prefect import flow\n@flow(name='same')\ndef f(): pass"
    result = workspace.find({"a.py": text, "b.py": text})
    assert result["problems"] == []
    assert fields_of(result["flows"], "name", "entrypoint") == [
        ("same", "a.py:f"),
        ("same", "b.py:f"),
    ]


def test_a_bound_method_is_a_flow_unless_its_object_is_a_parameter(workspace):
    text = """
        from prefect import flow
        class Loader:
            @flow(name="bound")
            def load(self, table: str = "orders"):
                pass
        bound = Loader().load
    """
    result = workspace.find({"a.py": text}, ok=False)
    found = fields_of(result["flows"], "entrypoint")
    left_out = fields_of(result["unaddressable"], "name")
    has_object = not prefect.__version__.startswith(("2.", "3.0."))
    assert (found, left_out) == (([("a.py:bound",)], []) if has_object else ([], [("bound",)]))


def test_a_variable_with_a_method_of_an_object_is_no_flow_of_its_own(workspace):
    text = """
        from prefect import flow
        class Loader:
            @flow
            def load(self, table: str = "orders"):
                pass
        loader = Loader()
        bound = loader.load
        other = loader.load.with_options(name="other")
    """
    result = workspace.find({"a.py": text}, ok=False)
    found = fields_of(result["flows"], "name", "entrypoint")
    # Other releases load no flows of objects.
    if HAS_CLASSES:
        assert found == [("load", "a.py:loader.load"), ("other", "a.py:other")]
    assert ("load", "a.py:bound") not in found


def test_a_flow_that_no_statement_binds_has_the_line_of_its_function(workspace):
    text = """
        from prefect import flow
        def make(name):
            @flow(name=name)
            def made(): pass
            return made
        globals()["one"] = make("one")
    """
    result = workspace.find({"a.py": text})
    assert fields_of(result["flows"], "entrypoint", "line") == [("a.py:one", 4)]
