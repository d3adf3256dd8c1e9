"""A check loads entrypoints, each module in a process of its own."""

import os
import textwrap

import pytest

FILES = {
    "a.py": """
        import builtins
        from prefect import flow
        builtins.COUNT = getattr(builtins, "COUNT", 0) + 1
        @flow(description=str(builtins.COUNT))
        def one(): pass
        @flow(description=str(builtins.COUNT))
        def two(): pass
    """,
    "b.py": """
        import builtins
        from prefect import flow
        @flow(description=str(hasattr(builtins, "COUNT")))
        def other(): pass
    """,
    "ends.py": "import os\nos._exit(3)",
    "missing.py": "import no_such_package",
}


@pytest.fixture(scope="module")
def checked(shared_workspace):
    shared_workspace.write(FILES)
    wanted = [
        ("one", "a.py:one"),
        ("other", "b.py:other"),
        ("two", "a.py:two"),
        ("renamed", "a.py:one"),
        ("x", "ends.py:x"),
        ("x", "missing.py:x"),
        ("x", "a.py:x"),
        ("x", "absent.py:x"),
    ]
    return shared_workspace.check([shared_workspace.at_entrypoint(*each) for each in wanted])


def test_each_flow_has_an_answer_in_the_order_of_the_request(checked):
    assert [each["ok"] for each in checked] == [True] * 3 + [False] * 5


def test_a_module_runs_once_and_sees_nothing_of_the_others(checked):
    assert [each["details"]["description"] for each in checked[:3]] == ["1", "False", "1"]


def test_a_flow_of_another_name_is_an_error(checked):
    assert 'a.py:one holds the flow "one"' in checked[3]["error"]


def test_a_module_that_ends_its_process_is_an_error(checked):
    assert "the module ended its process" in checked[4]["error"]


def test_a_module_that_is_missing_is_named(checked):
    assert checked[5]["missingModule"] == "no_such_package"
    assert checked[5]["error"] == "ModuleNotFoundError: No module named 'no_such_package'"


def test_a_name_that_the_module_lacks_is_an_error(checked):
    assert "MissingFlowError" in checked[6]["error"]
    assert "FileNotFoundError" in checked[7]["error"]


WAITS = """
    import os, time
    from prefect import flow
    open({own!r}, "w").close()
    end = time.time() + 60
    while not os.path.exists({other!r}) and time.time() < end:
        time.sleep(0.05)
    @flow(description=str(os.path.exists({other!r})))
    def waits(): pass
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor")
def test_modules_are_checked_side_by_side(workspace):
    first, second = "first.started", "second.started"
    workspace.write(
        {
            "first.py": WAITS.format(own=first, other=second),
            "second.py": WAITS.format(own=second, other=first),
        }
    )
    wanted = [workspace.at_entrypoint("waits", f"{name}.py:waits") for name in ("first", "second")]
    checked = workspace.check(wanted)
    assert [each["details"]["description"] for each in checked] == ["True", "True"]


SLOW = """
    import os
    with open(os.environ["LOG"], "a") as log:
        log.write("imported\\n")
"""


class TestImportsThatMostModulesBeginWith:
    """A package that most modules import at their beginning is imported once for all."""

    @pytest.fixture
    def package(self, tmp_path, monkeypatch):
        """An installed package that counts its imports; the function reads the count."""
        site = tmp_path / "site"
        (site / "slow").mkdir(parents=True)
        (site / "slow" / "__init__.py").write_text(textwrap.dedent(SLOW))
        (site / "slow" / "part.py").write_text("VALUE = 1\n")
        log = tmp_path / "log"
        log.write_text("")
        return {"PYTHONPATH": str(site), "LOG": str(log)}, lambda: log.read_text().count("imported")

    def check(self, workspace, package, modules):
        workspace.write(modules)
        wanted = [workspace.at_entrypoint("f", f"{name}:f") for name in modules]
        return workspace.check(wanted, **package[0])

    FLOW = "\nfrom prefect import flow\n@flow(name='f')\ndef f(): pass\n"

    def test_are_done_once(self, workspace, package):
        names = [f"{letter}.py" for letter in "abcd"]
        checked = self.check(workspace, package, dict.fromkeys(names, "import slow" + self.FLOW))
        assert [each["ok"] for each in checked] == [True] * 4
        assert package[1]() == 1

    def test_are_done_by_each_module_if_other_code_comes_before(self, workspace, package):
        names = [f"{letter}.py" for letter in "abcd"]
        text = "import os\nos.environ['X'] = '1'\nimport slow" + self.FLOW
        checked = self.check(workspace, package, dict.fromkeys(names, text))
        assert [each["ok"] for each in checked] == [True] * 4
        assert package[1]() == 4

    def test_hide_no_import_that_one_module_lacks(self, workspace, package):
        begin = "import slow.part" + self.FLOW
        lacks = "import slow" + self.FLOW + "slow.part.VALUE\n"
        modules = {"a.py": begin, "b.py": begin, "c.py": begin, "d.py": lacks}
        checked = self.check(workspace, package, modules)
        assert [each["ok"] for each in checked] == [True] * 3 + [False]

    def test_are_not_done_for_modules_of_the_project(self, workspace, package):
        modules = {f"{letter}.py": "import own" + self.FLOW for letter in "abc"}
        workspace.write({"own.py": SLOW})
        self.check(workspace, package, modules)
        assert package[1]() == 3
