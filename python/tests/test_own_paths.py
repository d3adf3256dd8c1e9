"""Paths that modules build from `__file__`."""

import pytest
from kit import flow_text

CONSTANTS = """
import os
from pathlib import Path
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = Path(__file__).resolve().parents[1]
NAME = "q.sql"
"""


def own_paths(workspace, code, files=(), module="flows/a.py"):
    """`(kind, path)` of the paths of a module, in the order of its lines."""
    sql = 'SQL = ROOT / "sql"\n' if "SQL" in code else ""
    text = CONSTANTS + sql + flow_text("flow") + code
    result = workspace.load(dict({"flows/a.py": text}, **dict(files)), ["flows/a.py"], "reference")
    assert result["problems"] == []
    found = [risk for risk in result["risks"] if risk["kind"] in ("file", "folder")]
    found = sorted(found, key=lambda risk: risk["line"])
    return [(risk["kind"], risk["name"]) for risk in found if risk["file"] == module]


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("open(os.path.join(HERE, '..', 'sql', 'a.sql'))", "sql/a.sql"),
        ("open(os.path.join(HERE, os.pardir, 'a.sql'))", "a.sql"),
        ("open(HERE + '/near.sql')", "flows/near.sql"),
        ("open(f'{HERE}/../sql/a.sql')", "sql/a.sql"),
        ("(SQL / NAME).read_text()", "sql/q.sql"),
        ("ROOT.joinpath('sql', 'a.sql')", "sql/a.sql"),
        ("Path(__file__).with_name('near.sql')", "flows/near.sql"),
        ("Path(__file__).parent.parent / 'a.sql'", "a.sql"),
        ("os.path.join(os.path.split(__file__)[0], 'near.sql')", "flows/near.sql"),
        ("run(['psql', '-f', str(SQL / 'a.sql')])", "sql/a.sql"),
        ("Path(__file__).parents[2] / 'up.sql'", "../up.sql"),
    ],
)
def test_a_path_from_file_is_evaluated(workspace, expression, path):
    assert own_paths(workspace, f"def unused(name):\n    return {expression}\n") == [("file", path)]


@pytest.mark.parametrize(
    ("expression", "folder"),
    [
        ("(SQL / name).read_text()", "sql"),
        ("open(os.path.join(HERE, '..', name, 'a.sql'))", "."),
        ("open(f'{HERE}/sql/{name}.sql')", "flows/sql"),
        ("open(f'{HERE}/sql/q_{name}')", "flows/sql"),
        ("open(HERE + '/' + name)", "flows"),
        ("os.listdir(ROOT)", "."),
        ("SQL.glob('*.sql')", "sql"),
    ],
)
def test_a_path_with_a_name_that_a_run_tells_is_one_below_a_folder(workspace, expression, folder):
    code = f"def unused(name):\n    return {expression}\n"
    assert own_paths(workspace, code) == [("folder", folder)]


@pytest.mark.parametrize(
    "expression",
    [
        "open(SQL / 'out.csv', 'w')",
        "(SQL / 'out.csv').open(mode='a')",
        "(SQL / 'out').mkdir()",
        "frame.to_csv(SQL / name)",
        "sys.path.append(str(ROOT / 'lib'))",
        "HERE.upper(), SQL.name",
        "Path(name) / 'a.sql'",
        "open('/etc/hosts')",
    ],
)
def test_what_reads_nothing_from_there_is_no_path(workspace, expression):
    code = f"import sys\ndef unused(name, frame):\n    return {expression}\n"
    assert own_paths(workspace, code) == []


def test_local_variables_count_if_they_are_always_the_same_path(workspace):
    code = (
        "def unused():\n    here = os.path.dirname(__file__)\n    return here + '/x.sql'\n"
        "def other():\n    here = os.path.dirname(__file__)\n    return here + '/y.sql'\n"
    )
    expected = [("file", "flows/x.sql"), ("file", "flows/y.sql")]
    assert own_paths(workspace, code) == expected
    code += "def third(here):\n    return here\n"
    assert own_paths(workspace, code) == []


def test_a_flow_module_reads_files_when_it_is_loaded_and_not_again(workspace):
    code = "def text(): return (SQL / 'a.sql').read_text()\n"
    sql = {"sql/a.sql": ""}
    direct = "TEXT = (SQL / 'a.sql').read_text()\n"
    assert own_paths(workspace, direct, sql) == []
    assert own_paths(workspace, code + "TEXT = text()\n", sql) == []
    assert own_paths(workspace, code, sql) == [("file", "sql/a.sql")]
    assert own_paths(workspace, "PATH = SQL / 'a.sql'\n", sql) == [("file", "sql/a.sql")]


def test_a_helper_reads_files_whenever_it_is_imported(workspace):
    helper = "from pathlib import Path\nTEXT = (Path(__file__).parents[1] / 'a.sql').read_text()\n"
    files = {"flows/mails/__init__.py": "", "flows/mails/x.py": helper, "flows/a.sql": ""}
    found = own_paths(workspace, "from mails import x\n", files, "flows/mails/x.py")
    assert found == [("file", "flows/a.sql")]
