"""Modules that can't be loaded, or must not: each is told with its line."""

import os

import prefect
import pytest
from kit import fields_of
from prefect.utilities import importtools

from flowstore_loader.releases import is_since

IGNORES_CALLS = not is_since(prefect.__version__, "3.0.0")
NO_API = "No Prefect API URL provided"
FLOW = "from prefect import flow\n@flow\ndef f(): pass\n"
FILES = {
    "calls.py": FLOW + "if True:\n    f()\n",
    "catches.py": FLOW + "try:\n    f()\nexcept Exception:\n    pass\n",
    "serves.py": FLOW + "f.serve('x')\n",
    "sourced.py": "from prefect import flow\n"
    "f = flow.from_source(source='.', entrypoint='other.py:f')\n",
    "other.py": FLOW,
    "deploys.py": FLOW + "f.deploy('x', work_pool_name='p')\n",
    "block.py": "from prefect.blocks.system import Secret\nSecret.load('x')\n",
    "missing.py": FLOW + "import no_such_package\n",
    "syntax.py": "def f(:\n",
    "banned.py": "from prefect import flow\n@flow(name='a/b')\ndef f(): pass\n",
    "serving.py": FLOW + "from prefect import serve\nserve(f.to_deployment('x'))\n",
    "logger.py": "from prefect import get_run_logger\nget_run_logger()\n",
    "reserved.py": "from prefect import flow\n@flow\ndef f(wait_for): pass\n",
    "gone.py": "from prefect.no_such_module import thing\n",
    "settings.py": "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
    "    warehouse_url: str\nS()\n",
    "deep.py": "from .helper import x\n",
    "helper.py": "\n1 / 0\n",
}
MODULES = [name for name in FILES if name not in ("helper.py", "other.py")]
WAITS_FOR_ITSELF = hasattr(importtools, "_sys_path_lock")


class TestBrokenModules:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        return shared_workspace.find(FILES, MODULES)

    @pytest.fixture(scope="class")
    def found(self, result):
        return {problem["file"]: problem for problem in result["problems"]}

    @pytest.mark.parametrize(
        ("file", "code", "line", "message"),
        [
            ("serves.py", "MODULE_IMPORT", 4, "calls `f.serve()` while it is imported"),
            ("deploys.py", "MODULE_IMPORT", 4, "calls `f.deploy()` while it is imported"),
            ("block.py", "MODULE_IMPORT", 2, NO_API),
            ("missing.py", "MODULE_IMPORT", 4, "No module named 'no_such_package'"),
            ("syntax.py", "MODULE_SYNTAX", 1, ""),
            ("banned.py", "MODULE_IMPORT", 2, "InvalidNameError"),
            ("helper.py", "MODULE_IMPORT", 2, "ZeroDivisionError"),
        ],
    )
    def test_a_problem_is_at_the_line_that_raised(self, found, file, code, line, message):
        assert (found[file]["code"], found[file]["line"]) == (code, line)
        assert message in found[file]["message"]

    @pytest.mark.parametrize(("file", "line"), [("calls.py", 5), ("catches.py", 5)])
    def test_a_call_of_a_flow_is_an_error_unless_prefect_ignores_it(
        self, found, result, file, line
    ):
        if IGNORES_CALLS:
            assert fields_of(result["calls"], "call", "file", "line") == [
                ("f()", "calls.py", 5),
                ("f()", "catches.py", 5),
            ]
            return
        assert (found[file]["code"], found[file]["line"]) == ("MODULE_IMPORT", line)
        assert "the module calls `f()` while it is imported" in found[file]["message"]
        assert "__main__" in found[file]["hint"]

    @pytest.mark.skipif(not WAITS_FOR_ITSELF, reason="this Prefect loads a file within another")
    def test_a_file_that_has_prefect_load_another_is_an_error_and_is_not_waited_for(self, found):
        problem = found["sourced.py"]
        assert (problem["code"], problem["line"]) == ("MODULE_IMPORT", 2)
        assert "calls `from_source()` while it is imported" in problem["message"]
        assert "__main__" in problem["hint"]

    def test_the_hint_for_the_api_says_where_it_can_be_used(self, found):
        assert "inside the flow" in found["block.py"]["hint"]

    def test_the_hint_for_a_missing_package_says_where_to_add_it(self, found):
        assert "`no_such_package` to `python-dependencies`" in found["missing.py"]["hint"]

    @pytest.mark.parametrize(
        ("file", "words"),
        [
            ("serving.py", 'below `if __name__ == "__main__":`'),
            ("logger.py", "inside the flow or a task"),
            ("reserved.py", "rename the parameter"),
            ("gone.py", f"Prefect {prefect.__version__} does not have it"),
        ],
    )
    def test_the_hint_for_a_misuse_of_prefect_says_what_to_do(self, found, file, words):
        assert words in found[file]["hint"]

    def test_the_hint_for_settings_names_those_without_a_variable(self, found):
        problem = found["settings.py"]
        # Not every release brings pydantic_settings.
        if "No module named" not in problem["message"]:
            assert "(warehouse_url) is not set" in problem["hint"]

    def test_nothing_is_written_to_the_home_folder(self, shared_workspace, result):
        assert os.listdir(shared_workspace.home) == []


EARLIER = {
    "with.py": ("from prefect import Flow, task\nwith Flow('x') as f:\n    pass", 2, "with Flow("),
    "parameter.py": ("import os\nfrom prefect import Parameter", 2, "import Parameter"),
    "storage.py": ("from prefect.storage import Docker", 1, "prefect.storage import Docker"),
    "named.py": ("import prefect\nf = prefect.Flow('x')", 2, 'Flow("x")'),
    "shell.py": ("from prefect.tasks.shell import ShellTask", 1, "prefect.tasks.shell"),
    "clock.py": ("from prefect.schedules import CronSchedule", 1, "CronSchedule"),
    "state.py": ("from prefect.engine.signals import FAIL", 1, "engine.signals"),
}


def test_a_module_of_prefect_1_is_told_by_its_source(workspace):
    files = {name: text for name, (text, _, _) in EARLIER.items()}
    problems = workspace.find(files)["problems"]
    found = {p["file"]: (p["code"], p["line"]) for p in problems}
    assert found == {n: ("OTHER_GENERATION", line) for n, (_, line, _) in EARLIER.items()}
    for problem in problems:
        assert EARLIER[problem["file"]][2] in problem["message"]
        assert f"`!{problem['file']}`" in problem["hint"]


def test_a_helper_of_prefect_1_is_told_as_such(workspace):
    files = {"old.py": "\nfrom prefect.executors import LocalExecutor", "a.py": "import old"}
    [problem] = workspace.find(files, ["a.py"])["problems"]
    fields = (problem["code"], problem["file"], problem["line"])
    assert fields == ("OTHER_GENERATION", "old.py", 2)


CURRENT = """
    from prefect import flow, task, tags, unmapped, get_run_logger, Flow, Task
    from prefect.tasks import task_input_hash
    from prefect.context import get_run_context
    from prefect.states import Completed
    import prefect.runtime
    try:
        from prefect import Parameter
    except ImportError:
        Parameter = None

    def make(function) -> Flow:
        return Flow(function, name="x")

    @flow
    def f():
        with tags("x"):
            pass
"""


def test_a_module_of_this_generation_has_no_sign_of_another(workspace):
    result = workspace.find({"a.py": CURRENT})
    assert (result["problems"], len(result["flows"])) == ([], 1)


def test_a_file_on_the_python_path_is_imported_by_its_name_there(workspace):
    files = {
        "src/shop/flows/a.py": "from prefect import flow\nfrom ..x import N\n@flow\ndef f(): pass",
        "src/shop/x.py": "N = 1",
    }
    result = workspace.find(files, ["src/shop/flows/a.py"], importRoots=["src"])
    assert fields_of(result["flows"], "entrypoint", "module") == [
        ("shop.flows.a:f", "src/shop/flows/a.py")
    ]


LATE_NAME = """
    from __future__ import annotations
    from typing import TYPE_CHECKING
    from prefect import flow
    if TYPE_CHECKING:
        import decimal

    @flow
    def f(n: decimal.Decimal): pass
"""


def test_a_name_that_only_annotations_have_is_no_error_or_has_a_hint(workspace):
    problems = workspace.find({"a.py": LATE_NAME}, ok=False)["problems"]
    assert all("TYPE_CHECKING" in problem["hint"] for problem in problems)
    assert len(problems) <= 1


def test_what_could_not_be_made_is_the_cause_of_what_fails_after_it(workspace):
    text = "from prefect import flow\n@flow(name='a/b')\ndef f(): pass\nf.with_options(name='c')\n"
    [problem] = workspace.find({"a.py": text})["problems"]
    assert "InvalidNameError" in problem["message"]
    assert problem["line"] == 2


def test_a_call_that_has_no_effect_is_named_by_the_hint_of_what_fails_after_it(workspace):
    text = (
        "import asyncio\nfrom prefect import flow\n@flow\nasync def f(): pass\nasyncio.run(f())\n"
    )
    [problem] = workspace.find({"a.py": text})["problems"]
    assert problem["line"] == 5
    assert "__main__" in problem["hint"]
