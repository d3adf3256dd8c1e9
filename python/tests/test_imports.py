"""The imports in a result: those that nothing resolves, and the first import of each module."""

import pytest
from kit import flow_text

FILES = {
    "lib/late.py": """
        import absent_at_top, os.path
        try:
            import absent_optional
        except ImportError:
            import absent_fallback
        def f():
            import yet_another.sub
    """,
    "bomb.py": "raise RuntimeError('not to be imported')",
    "flow.py": """
        import typing, sys, contextlib
        from prefect import Flow, task
        if typing.TYPE_CHECKING:
            import absent_types
        @task
        def run():
            import json, absent.core, bomb, lib
            from lib import late
            from absent import thing
            if sys.version_info < (3,):
                import absent_old
            with contextlib.suppress(ImportError):
                import absent_suppressed
            try:
                import absent_other_reason
            except ValueError:
                pass
            __import__("absent_by_call")
        with Flow("one") as one:
            run()
        two = one.copy()
        two.name = "two"
    """,
    "other.py": "import flow as shared\n" + flow_text("other"),
}


@pytest.mark.parametrize("mode", ["value", "reference"])
def test_imports_in_functions_that_nothing_resolves_are_reported_with_their_flows(workspace, mode):
    result = workspace.load(FILES, ["flow.py", "other.py"], mode)
    told = [(m["module"], m["flows"], m["file"], m["line"]) for m in result["missing"]]
    flows = ["one", "two", "other"]
    assert told == [
        ("absent", flows, "flow.py", 8),
        ("absent", flows, "flow.py", 10),
        ("absent_other_reason", flows, "flow.py", 16),
        ("absent_by_call", flows, "flow.py", 19),
        ("absent_at_top", flows, "lib/late.py", 2),
        ("yet_another", flows, "lib/late.py", 8),
    ]


def test_a_flow_whose_imports_all_resolve_is_not_reported(workspace):
    assert workspace.load({"m.py": flow_text("a")}, ["m.py"])["missing"] == []


def test_a_flow_has_the_lines_where_its_modules_first_import_each_module(workspace):
    result = workspace.load(FILES, ["flow.py", "other.py"], "reference")
    imports = result["flows"][0]["imports"]
    assert imports["lib.late"] == {"file": "flow.py", "line": 9}
    assert imports["prefect"] == {"file": "flow.py", "line": 3}
    assert imports["sys"] == {"file": "flow.py", "line": 2}
    assert imports["absent"] == {"file": "flow.py", "line": 8}
    assert imports["os.path"] == {"file": "lib/late.py", "line": 2}


def test_a_folder_elsewhere_that_a_module_put_on_the_path_is_not_searched(workspace):
    away = workspace.path("away")
    workspace.write({"absent_in_images.py": ""}, away)
    lazily = flow_text("a").replace("return 1", "import absent_in_images")
    text = f"import sys\nsys.path.append({away!r})\n{lazily}"
    result = workspace.load({"a.py": text}, ["a.py"])
    assert [m["module"] for m in result["missing"]] == ["absent_in_images"]


def test_imports_of_files_that_the_load_does_not_see_are_reported(workspace):
    files = {
        "lib/__init__.py": "",
        "lib/part.py": "def f():\n    from tests import helpers\n",
        "a.py": "try:\n    import tests.helpers\nexcept ImportError:\n    pass\nimport lib.part\n"
        + flow_text("a"),
        "b.py": flow_text("b"),
        "here.py": "",
    }
    workspace.write(files)
    request = workspace.load_request(["a.py", "b.py"])
    request["leftOut"] = ["tests/helpers.py", "tests/other.py", "here.py"]
    assert workspace.result(request)["leftOut"] == [
        {"path": "tests/helpers.py", "flows": ["a"], "file": "a.py", "line": 2},
        {"path": "tests/helpers.py", "flows": ["a"], "file": "lib/part.py", "line": 2},
    ]
