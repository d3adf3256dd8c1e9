"""Problems of modules that can't be imported: each is reported, at a line of the user's files."""

import pytest
from kit import fields_of, flow_text

FILES = {
    "good.py": flow_text("good"),
    "syntax.py": "x = 1\ndef f(:\n    pass\n",
    "helper_syntax.py": "import broken",
    "broken.py": "\n\nclass\n",
    "exits.py": "import sys\nsys.exit('usage: exits')",
    "third.py": "import no_such_package.part",
    "name.py": "from good import nothing",
    "deep.py": "import json\n\ndef f():\n    json.loads('{')\n\nf()\n",
    "helper_fails.py": "import fails",
    "fails.py": "def f():\n    return 1 / 0\n\n\nf()",
    "newer.py": "import prefect.nothing",
    "nul.py": "x = 1\0",
}
MODULES = [name for name in FILES if name not in ("broken.py", "fails.py")]


class TestBrokenModules:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        return shared_workspace.load(FILES, ["absent.py", *MODULES], ok=False)

    @pytest.fixture(scope="class")
    def found(self, result):
        return {problem["file"]: problem for problem in result["problems"]}

    def test_flows_of_good_modules_are_loaded(self, result):
        assert [flow["name"] for flow in result["flows"]] == ["good"]

    def test_each_module_that_fails_is_reported(self, result):
        assert len(result["problems"]) == len(MODULES)

    @pytest.mark.parametrize(
        ("file", "code", "line"),
        [
            ("absent.py", "MODULE_NOT_FOUND", None),
            ("syntax.py", "MODULE_SYNTAX", 2),
            ("broken.py", "MODULE_SYNTAX", 3),
            ("exits.py", "MODULE_IMPORT", 2),
            ("third.py", "MODULE_IMPORT", 1),
            ("name.py", "MODULE_IMPORT", 1),
            ("deep.py", "MODULE_IMPORT", 4),
            ("fails.py", "MODULE_IMPORT", 2),
            ("newer.py", "MODULE_IMPORT", 1),
        ],
    )
    def test_a_problem_is_at_the_line_of_the_user_s_file_that_raised(self, found, file, code, line):
        assert (found[file]["code"], found[file]["line"]) == (code, line)

    def test_a_file_with_a_null_byte_is_a_problem(self, found):
        assert found["nul.py"]["code"] in ("MODULE_SYNTAX", "MODULE_IMPORT")

    def test_the_hint_for_a_module_that_exits_names_the_main_guard(self, found):
        assert found["exits.py"]["message"] == "SystemExit: usage: exits"
        assert "__main__" in found["exits.py"]["hint"]

    def test_the_hint_for_a_missing_package_says_where_to_add_it(self, found):
        expected = "ModuleNotFoundError: No module named 'no_such_package'"
        assert found["third.py"]["message"] == expected
        assert "`no_such_package` to `python-dependencies`" in found["third.py"]["hint"]

    def test_the_hint_for_a_module_that_prefect_lacks_names_another_release(self, found):
        assert "another release" in found["newer.py"]["hint"]

    def test_the_traceback_has_the_frames_of_the_user_s_files(self, found):
        detail = found["fails.py"]["detail"]
        assert 'File "helper_fails.py", line 1, in <module>' in detail
        assert 'File "fails.py", line 2, in f\n    return 1 / 0' in detail
        assert detail.endswith("ZeroDivisionError: division by zero"), detail

    @pytest.mark.parametrize("text", ["importlib", "flowstore_loader", "root/", "json/decoder"])
    def test_the_traceback_has_no_other_frames(self, shared_workspace, result, text):
        text = shared_workspace.root if text == "root/" else text
        assert text not in "".join(p["detail"] or "" for p in result["problems"])


@pytest.mark.parametrize("folder", ["'lib'", "os.path.dirname(__file__) + '/../lib'"])
def test_a_file_has_one_path_however_it_was_found(workspace, folder):
    line = f"sys.path.append({folder})"
    files = {
        "lib/fails.py": "1 / 0",
        "lib/typo.py": "def f(:",
        "flows/a.py": f"import os, sys\n{line}\nimport fails",
        "flows/b.py": f"import os, sys\n{line}\nimport typo",
    }
    result = workspace.load(files, ["flows/a.py", "flows/b.py"], ok=False)
    expected = [("MODULE_IMPORT", "lib/fails.py", 1), ("MODULE_SYNTAX", "lib/typo.py", 1)]
    assert fields_of(result["problems"], "code", "file", "line") == expected
    frames = 'File "flows/a.py", line 3, in <module>\n    import fails\n  File "lib/fails.py"'
    assert frames in result["problems"][0]["detail"]


class TestBrokenHelpers:
    @pytest.fixture(scope="class")
    def problems(self, shared_workspace):
        files = {"helper.py": "\nimport no_such_package\n", "typo.py": "def f(:"}
        modules = [f"flow{number}.py" for number in range(7)]
        files.update((module, "import helper" + flow_text(module)) for module in modules)
        files.update((name, "import typo" + flow_text(name)) for name in ("a.py", "b.py"))
        return shared_workspace.load(files, [*modules, "a.py", "b.py"], ok=False)["problems"]

    def test_a_helper_that_fails_is_reported_once_with_the_modules_that_need_it(self, problems):
        missing, _ = problems
        assert (missing["file"], missing["line"]) == ("helper.py", 2)
        assert missing["message"] == (
            "ModuleNotFoundError: No module named 'no_such_package'; imported by "
            "flow0.py, flow1.py, flow2.py, flow3.py, flow4.py, ... (7 modules)"
        )

    def test_a_syntax_error_of_a_helper_is_reported_once(self, problems):
        _, typo = problems
        assert (typo["code"], typo["file"]) == ("MODULE_SYNTAX", "typo.py")
        assert typo["message"].endswith("; imported by a.py, b.py"), typo["message"]


HINTS = {
    "flows/variable.py": ("import os\nos.environ['DB_URL']", "`DB_URL` is not set"),
    "flows/secret.py": ("from prefect.client import Secret\nSecret('AWS').get()", '("AWS")'),
    "flows/unset.py": ("import os\nint(os.getenv('PORT'))", "The variable `PORT` is not set"),
    "flows/unset_two.py": (
        "import os\na = os.environ.get('A_1', None)\nos.getenv('B_1').upper()",
        "The variables `A_1`, `B_1` are not set",
    ),
    "flows/context.py": (
        "import prefect\nprefect.context.flow_run_of_mine",
        "has `flow_run_of_mine` only while a flow runs",
    ),
    "flows/service.py": (
        "import socket\nsocket.create_connection(('127.0.0.1', 1))",
        "Move it into a task",
    ),
    "flows/relative.py": ("open('table.csv')", 'parent / "../data/table.csv"`'),
    "flows/absolute.py": ("open('/nowhere/x.csv')", "The repository has no file `x.csv`"),
    "flows/module.py": (
        "import etl.steps",
        "`etl` in the folder `lib`: set `python-path: lib`",
    ),
    "flows/namespace.py": ("from tools.part import x", "`tools` in the folder `more`"),
    "flows/shop.py": ("import shop.prices", "`flows/shop.py` is imported as `shop`, and hides"),
    "flows/later.py": ("from prefect import flow", "set `prefect-version` to the release"),
    "flows/result.py": (
        "from prefect import Flow\nFlow('f').run().is_successful()",
        "return None while flows are loaded",
    ),
}


class TestHints:
    @pytest.fixture(scope="class")
    def hints(self, shared_workspace):
        files = {name: text for name, (text, _) in HINTS.items()}
        files.update({"data/table.csv": "", "lib/etl/__init__.py": "", "lib/etl/steps.py": ""})
        files.update({"more/tools/part.py": "", "else/shop/prices.py": ""})
        result = shared_workspace.load(files, list(HINTS), ok=False)
        return {problem["file"]: problem["hint"] for problem in result["problems"]}

    @pytest.mark.parametrize("name", list(HINTS))
    def test_a_hint_names_what_to_do(self, hints, name):
        assert HINTS[name][1] in hints[name]


MISSES = {
    "opens.py": "open('data/a.csv')",
    "wraps.py": """
        try:
            open('b.csv')
        except OSError as error:
            raise ValueError('no data') from error
    """,
    "outside.py": "open('/nowhere/c.csv')",
    "imports.py": "import tests.helpers",
    "takes.py": "from lib import fixtures",
    "lib/__init__.py": "",
    "fails.py": "1 / 0",
}


def test_a_problem_has_the_paths_where_a_missed_file_or_module_would_be(workspace):
    modules = [name for name in MISSES if "/" not in name]
    problems = workspace.load(MISSES, modules, ok=False)["problems"]
    assert {problem["file"]: problem["absent"] for problem in problems} == {
        "opens.py": ["data/a.csv"],
        "wraps.py": ["b.csv"],
        "outside.py": [],
        "imports.py": ["tests", "tests.py"],
        "takes.py": ["lib/fixtures", "lib/fixtures.py"],
        "fails.py": [],
    }


def test_an_error_whose_text_exits_is_named_with_its_line(workspace):
    text = "class Bad(BaseException):\n    def __str__(self): raise SystemExit(2)\nraise Bad()\n"
    problems = workspace.load({"flow.py": text}, ["flow.py"], ok=False)["problems"]
    assert [(each["code"], each["message"], each["line"]) for each in problems] == [
        ("MODULE_IMPORT", "RuntimeError: Bad has no text", 3)
    ]


def test_an_error_of_the_loader_is_at_the_line_of_the_user_that_raised_it(workspace):
    text = (
        "import os\n"
        "def refuse(*args, **kwargs):\n"
        "    raise ValueError('refused')\n"
        "os.makedirs = refuse\n"
    )
    problems = workspace.load({"flow.py": text + flow_text("a")}, ["flow.py"], ok=False)["problems"]
    assert [(each["code"], each["file"], each["line"]) for each in problems] == [
        ("LOAD_FAILED", "flow.py", 3)
    ]
