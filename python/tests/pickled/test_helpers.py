"""Which modules of the repository are shipped, and which names can't be."""

import pytest
from kit import flow_calling, flow_text

FUNCTION_IMPORTS = {
    "src/lib/__init__.py": "",
    "src/lib/late.py": "def f():\n    from . import later\n    return later.g()",
    "src/lib/later.py": "from lib.sub.last import VALUE\ndef g(): return VALUE",
    "src/lib/sub/last.py": "VALUE = 7",
    "src/lib/unused.py": "",
    "etl/beside.py": "def f():\n    import other_flow\n    return other_flow.NUMBER",
    "etl/other_flow.py": flow_text("other") + "NUMBER = 5\n",
    "etl/flow.py": """
        from prefect import Flow, task
        import beside
        @task
        def run():
            import json, lib.late
            return [json.loads("1"), lib.late.f(), beside.f()]
        with Flow("lazy") as flow:
            run()
    """,
}


def test_modules_imported_in_functions_are_shipped(workspace):
    result = workspace.load(FUNCTION_IMPORTS, ["etl/flow.py", "etl/other_flow.py"], "reference")
    shipped = {helper["path"]: helper["file"] for helper in result["helpers"]}
    expected = {
        "lib/" + name: "src/lib/" + name
        for name in ("__init__.py", "late.py", "later.py", "sub/last.py")
    }
    expected.update({"beside.py": "etl/beside.py", "other_flow.py": "etl/other_flow.py"})
    assert shipped == expected
    assert workspace.run_flows(result)["lazy"] == {"run": [1, 7, 5]}


def test_modules_imported_by_a_call_with_a_literal_are_shipped(workspace):
    files = {
        "pkg/__init__.py": "from importlib import import_module as _, import_module\n"
        "top = import_module('.top', __name__)",
        "pkg/top.py": "def f(): return __import__('other.late').late.VALUE",
        "pkg/near.py": "VALUE = 1",
        "pkg/named.py": "VALUE = 2",
        "other/late.py": "VALUE = 3",
        "other/computed.py": "",
        "pkg/flow.py": """
            import importlib
            from prefect import Flow, task
            from pkg import top
            @task
            def run():
                near = importlib.import_module(".near", __package__)
                named = importlib.import_module("..named", package="pkg.other")
                return [top.f(), near.VALUE, named.VALUE]
            def unused(name):
                return importlib.import_module(name), importlib.import_module("x" + name)
            with Flow("called") as flow:
                run()
        """,
    }
    result = workspace.load(files, ["pkg/flow.py"], "reference")
    names = ["other/late.py"] + [f"pkg/{n}.py" for n in ("__init__", "named", "near", "top")]
    assert [helper["file"] for helper in result["helpers"]] == names
    assert workspace.run_flows(result)["called"] == {"run": [3, 1, 2]}


def test_packages_whose_files_are_read_by_a_literal_name_are_shipped(workspace):
    files = {
        "mails/__init__.py": "",
        "mails/templates/__init__.py": "",
        "tables/__init__.py": "",
        "flow.py": """
            import pkgutil
            from prefect import Flow, task
            try:
                from importlib.resources import read_text
            except ImportError:
                read_text = None
            @task
            def run():
                open("x").read_text("utf-8")
                return read_text("mails.templates", "a.txt"), pkgutil.get_data("tables", "b.csv")
            with Flow("resources") as flow:
                pass
        """,
    }
    result = workspace.load(files, ["flow.py"], "reference")
    names = ["mails/__init__.py", "mails/templates/__init__.py", "tables/__init__.py"]
    assert [helper["file"] for helper in result["helpers"]] == names
    assert result["missing"] == []


class TestOnePathForTwoFiles:
    @pytest.fixture
    def files(self):
        files = {"same.py": "X = 1"}
        for root in ("a", "b"):
            files[root + "/same.py"] = "X = 1"
            files[root + "/helpers.py"] = f"X = {root!r}"
            files[root + "/top.py"] = "import helpers, same" + flow_text("top " + root)
            files[root + "/lazy.py"] = flow_text(root) + "def f():\n    import helpers\n"
        return files

    def test_files_imported_at_the_top_go_by_value_if_they_differ(self, workspace, files):
        result = workspace.load(files, ["a/top.py", "b/top.py"], "reference")
        assert result["helpers"] == [{"file": "a/same.py", "path": "same.py"}]

    def test_files_imported_in_a_function_are_a_conflict(self, workspace, files):
        modules = ["a/top.py", "b/top.py", "b/lazy.py"]
        result = workspace.load(files, modules, "reference", ok=False)
        [found] = result["problems"]
        assert (found["code"], found["file"], found["line"]) == ("NAME_CONFLICT", "b/lazy.py", 9)
        assert "b/helpers.py" in found["message"]


CONNECT = "from utils import connect"
MEAN = "from statistics import mean"
MEANINGS = {
    "package and module": {
        "a/utils/__init__.py": "def connect(): return 'a'",
        "b/utils.py": "def connect(): return 'b'",
        "a/flow_a.py": flow_calling("a", CONNECT, "connect()"),
        "b/flow_b.py": flow_calling("b", CONNECT, "connect()"),
    },
    "namespace package and module": {
        "a/utils/db.py": "def connect(): return 'a'",
        "b/utils.py": "def connect(): return 'b'",
        "a/flow_a.py": flow_calling("a", "from utils.db import connect", "connect()"),
        "b/flow_b.py": flow_calling("b", CONNECT, "connect()"),
    },
    "module of Python's": {
        "a/statistics.py": "def mean(values): return 'a'",
        "a/flow_a.py": flow_calling("a", MEAN, "mean([1])"),
        "b/flow_b.py": flow_calling("b", MEAN, "'b' if mean([2]) == 2 else 'a'"),
    },
    "module of Python's in a function": {
        "a/statistics.py": "def mean(values): return 'a'",
        "a/flow_a.py": flow_calling("a", MEAN, "mean([1])"),
        "b/flow_b.py": flow_calling(
            "b", "", "'b' if __import__('statistics').mean([2]) == 2 else 'a'"
        ),
    },
}


@pytest.mark.parametrize("files", MEANINGS.values(), ids=MEANINGS.keys())
def test_a_name_with_two_meanings_is_not_shipped(workspace, files):
    result = workspace.load(files, ["a/flow_a.py", "b/flow_b.py"], "reference")
    assert result["helpers"] == []
    assert workspace.values(result) == {"a": "a", "b": "b"}


def test_a_module_loaded_from_elsewhere_is_not_shipped(workspace):
    files = {
        "prefect/__init__.py": "",
        "random.py": "",
        "helper.py": "import random, prefect\ndef f(): return random.randint(3, 3)",
        "flow.py": flow_calling(
            "a", "from helper import f", "[f(), __import__('prefect').Flow.__name__]"
        ),
    }
    result = workspace.load(files, ["flow.py"], "reference")
    assert result["helpers"] == [{"file": "helper.py", "path": "helper.py"}]
    assert workspace.values(result) == {"a": [3, "Flow"]}


LAZILY = flow_text("a").replace("return 1", "from helper import f; return f()")
AT_TOP = flow_calling("a", "from helper import f", "f()")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("sys.path.insert(0, os.path.abspath('lib'))", LAZILY),
        ("sys.path.append('lib')", AT_TOP),
        ("sys.path.insert(0, os.path.dirname(__file__) + '/../lib')", AT_TOP),
    ],
    ids=["imported in a function", "relative", "by dots"],
)
def test_modules_in_a_folder_that_a_module_put_on_the_path_are_shipped(workspace, line, text):
    files = {
        "lib/helper.py": "def f(): return 'helped'",
        "flows/a.py": f"import os, sys\n{line}\n{text}",
    }
    result = workspace.load(files, ["flows/a.py"], "reference")
    assert result["helpers"] == [{"file": "lib/helper.py", "path": "helper.py"}]
    assert result["missing"] == []
    assert workspace.values(result) == {"a": "helped"}
