"""Calls in functions that fail when a flow runs elsewhere."""

import pytest
from kit import flow_text

FILES = {"sql/q.sql": "", "sql/r.sql": "", "data.csv": "", "conf.yml": "", "flows/near.sql": ""}


def risks(workspace, code, imports="", helpers="reference", files=()):
    text = imports + flow_text("flow") + code
    result = workspace.load(
        dict(FILES, **{"flows/a.py": text}, **dict(files)), ["flows/a.py"], helpers
    )
    # test_own_paths.py has the others.
    kinds = ("path", "process")
    return [(found["kind"], found["name"]) for found in result["risks"] if found["kind"] in kinds]


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("open('sql/q.sql').read()", "sql/q.sql"),
        ("open(file='conf.yml', mode='rb')", "conf.yml"),
        ("open('near.sql')", "flows/near.sql"),
        ("Path('sql/q.sql').read_text()", "sql/q.sql"),
        ("Path('sql') / 'q.sql'", "sql/q.sql"),
        ("Path('sql') / name", "sql"),
        ("open(os.path.join('sql', 'q.sql'))", "sql/q.sql"),
        ("pd.read_csv('data.csv')", "data.csv"),
        ("glob.glob('sql/*.sql')", "sql"),
        ("subprocess.run(['psql', '-f', 'sql/q.sql'])", "sql/q.sql"),
        ("CONSTANT.read_text()", "sql/q.sql"),
        ("open(NAME)", "data.csv"),
    ],
)
def test_what_names_a_file_relative_to_the_working_directory(workspace, expression, path):
    constants = "from pathlib import Path\nCONSTANT = Path('sql/q.sql')\nNAME = 'data.csv'\n"
    code = f"def unused(name):\n    return {expression}\n"
    assert risks(workspace, code, constants) == [("path", path)]


@pytest.mark.parametrize(
    "expression",
    [
        "open('absent.csv')",
        "open('/etc/hosts')",
        "open('../outside')",
        "open('data.csv', 'w')",
        "open('sql')",
        "HERE / 'data.csv'",
        "HERE / Path('data.csv')",
        "open(os.path.join(HERE, 'data.csv'))",
        "print('data.csv')",
        "Path('sql').mkdir()",
        "lookup(name, 'data.csv')",
    ],
)
def test_what_names_no_such_file(workspace, expression):
    code = f"def unused(name):\n    return {expression}\n"
    assert risks(workspace, code, "from pathlib import Path\nHERE = Path(__file__)\n") == []


def test_functions_that_only_modules_call_have_run_already(workspace):
    code = "def load(): return open('data.csv').read()\nCONFIG = load()\n"
    assert risks(workspace, code) == []
    assert risks(workspace, code + "def unused(): return load()\n") == [("path", "data.csv")]


def test_imported_functions_that_only_modules_call_have_run_already(workspace):
    helper = {"flows/config.py": "def settings(): return open('conf.yml').read()"}
    code = "from config import settings\nCONFIG = settings()\n"
    assert risks(workspace, code, files=helper) == []
    code = "from config import settings\ndef unused(): return settings()\n"
    assert risks(workspace, code, files=helper) == [("path", "conf.yml")]


POOL = """
def square(x): return x * x
def unused():
    with {pool}(2) as pool:
        return pool.{method}({function}, [1])
"""


@pytest.mark.parametrize(
    ("pool", "method", "function"),
    [
        ("multiprocessing.Pool", "map", "square"),
        ("Pool", "imap_unordered", "square"),
        ("ProcessPoolExecutor", "submit", "square"),
    ],
)
def test_functions_in_pickles_that_are_sent_to_processes(workspace, pool, method, function):
    code = POOL.format(pool=pool, method=method, function=function)
    assert risks(workspace, code) == [("process", "square")]


@pytest.mark.parametrize(
    ("imports", "pool", "function"),
    [
        ("", "ThreadPoolExecutor", "square"),
        ("from multiprocessing.dummy import Pool", "Pool", "square"),
        ("from multiprocessing.pool import ThreadPool as Pool", "Pool", "square"),
        ("", "Pool", "other"),
    ],
)
def test_functions_that_processes_can_use(workspace, imports, pool, function):
    assert risks(workspace, POOL.format(pool=pool, method="map", function=function), imports) == []


def test_functions_of_a_shipped_module_can_be_sent_to_processes(workspace):
    helper = {"flows/work.py": POOL.format(pool="Pool", method="map", function="square")}
    assert risks(workspace, "", "import work", files=helper) == []
    assert risks(workspace, "", "import work", "value", helper) == [("process", "square")]


@pytest.mark.parametrize(
    ("imports", "function", "is_by_value"),
    [
        ("from work import square", "square", True),
        ("from work import square as sq", "sq", True),
        ("import work", "work.square", True),
        ("from shipped import square", "square", False),
        ("from math import sqrt", "sqrt", False),
    ],
)
def test_functions_of_flow_modules_that_others_send_to_processes(
    workspace, imports, function, is_by_value
):
    helper = "def square(x): return x * x\n"
    code = POOL[POOL.index("def unused") :].format(pool="Pool", method="map", function=function)
    files = {"flows/work.py": helper, "shipped.py": helper}
    files["flows/a.py"] = imports + flow_text("flow") + code
    modules = [{"file": name, "explicit": False} for name in ("flows/a.py", "flows/work.py")]
    result = workspace.load(files, modules, "reference")
    found = [(risk["kind"], risk["name"], risk["file"]) for risk in result["risks"]]
    assert found == ([("process", function, "flows/a.py")] if is_by_value else [])


def test_each_call_names_its_flows_and_its_line(workspace):
    files = {"a.py": flow_text("a") + "import lib\n", "b.py": flow_text("b") + "import lib\n"}
    files.update({"lib.py": "def f():\n    return open('data.csv')\n", "data.csv": ""})
    result = workspace.load(files, ["a.py", "b.py"], "reference")
    assert result["risks"] == [
        {"kind": "path", "name": "data.csv", "flows": ["a", "b"], "file": "lib.py", "line": 2}
    ]
