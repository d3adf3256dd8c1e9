"""How flow modules are imported: their names, the path, the working directory."""

import os
import textwrap

import pytest
from kit import flow_text

TASK = """
    from prefect import Flow, task
    {imports}
    import os, sys
    NAME, ARGV, FOLDER = __name__, list(sys.argv), os.getcwd()
    if __name__ == "__main__":
        raise RuntimeError("guarded")
    @task
    def run():
        return [{call}, NAME, ARGV, FOLDER]
    with Flow({flow!r}) as flow:
        run()
"""


def text(flow, imports, call):
    return textwrap.dedent(TASK).format(flow=flow, imports=imports, call=call)


FILES = {
    "src/acme/__init__.py": "",
    "src/acme/core/__init__.py": "from .deep import twice",
    "src/acme/core/deep.py": "def twice(x): return 2 * x",
    "src/acme/flows/__init__.py": "",
    "src/acme/flows/inner.py": text("package", "from ..core import twice", "twice(1)"),
    "flows/outer.py": text("src", "from acme.core.deep import twice", "twice(2)"),
    "flows/my-flow.v2.py": text("sibling", "import near", "near.thrice(3)"),
    "flows/near.py": "def thrice(x): return 3 * x",
    "jobs/daily/job.py": text("namespace", "from lib.sub import quad", "quad.f(4)"),
    "lib/sub/quad.py": "def f(x): return 4 * x",
    "prefect/shadow.py": text("shadow", "import prefect", "bool(prefect.Flow)"),
    "prefect/__init__.py": "",
}
# The flow, its module, the module's name, and the result of the task's call.
LAYOUTS = [
    ("package", "src/acme/flows/inner.py", "acme.flows.inner", 2),
    ("src", "flows/outer.py", "outer", 4),
    ("sibling", "flows/my-flow.v2.py", "my-flow_v2", 9),
    ("namespace", "jobs/daily/job.py", "job", 16),
    ("shadow", "prefect/shadow.py", "shadow", True),
]
MODULES = [module for _, module, _, _ in LAYOUTS]


@pytest.fixture(scope="module")
def loaded(shared_workspace):
    return shared_workspace.load(FILES, MODULES)


@pytest.fixture(scope="module")
def values(shared_workspace, loaded):
    return {name: tasks["run"] for name, tasks in shared_workspace.run_flows(loaded).items()}


def test_flows_are_in_the_order_of_the_requested_modules(loaded):
    assert [flow["module"] for flow in loaded["flows"]] == MODULES


@pytest.mark.parametrize(("flow", "module", "name", "value"), LAYOUTS)
def test_a_module_of_any_layout_has_its_name_and_its_neighbours(
    shared_workspace, values, flow, module, name, value
):
    assert values[flow] == [value, name, [module], shared_workspace.root]


def test_no_file_is_written_next_to_modules(shared_workspace, loaded):
    for _, folders, _ in os.walk(shared_workspace.root):
        assert "__pycache__" not in folders


def test_two_flow_modules_of_the_same_dotted_name_are_both_loaded(workspace):
    files = {"a/flow.py": flow_text("a"), "b/flow.py": flow_text("b")}
    files.update({"c.py": flow_text("c"), "c/__init__.py": flow_text("c2")})
    result = workspace.load(files, ["a/flow.py", "c.py", "b/flow.py", "c/__init__.py"])
    assert [flow["name"] for flow in result["flows"]] == ["a", "c", "b", "c2"]
    assert len(workspace.run_flows(result)) == 4


def test_modules_that_run_or_register_their_flow_can_be_imported(workspace):
    text = flow_text("a") + "try:\n    state = flow.run()\nexcept NameError:\n    pass\n"
    workspace.load({"flow.py": text}, ["flow.py"])


UNNAMED = {
    "v1.2/__init__.py": "",
    "v1.2/near.py": "def f(): return 1",
    "v1.2/a.py": text("dot", "import near", "near.f()"),
    "2024-01/__init__.py": "",
    "2024-01/near.py": "def f(): return 2",
    "2024-01/b.py": text("digit", "from .near import f\nimport near", "f() + near.f()"),
    "{{cookiecutter.name}}/__init__.py": "",
    "{{cookiecutter.name}}/c.py": text("braces", "", "3"),
    "class/__init__.py": "",
    "class/near.py": "def f(): return 4",
    "class/d.py": text("keyword", "import near", "near.f()"),
}


@pytest.mark.parametrize("mode", ["value", "reference"])
def test_modules_in_packages_that_no_import_can_name_are_loaded_by_their_path(workspace, mode):
    files = [file for file in UNNAMED if file.endswith(("a.py", "b.py", "c.py", "d.py"))]
    result = workspace.load(UNNAMED, files, mode)
    values = {name: tasks["run"][0] for name, tasks in workspace.run_flows(result).items()}
    assert values == {"dot": 1, "digit": 4, "braces": 3, "keyword": 4}


def package_of(name, imports, value):
    """A package with a flow module, and neighbours that import each other by their own names."""
    return {
        f"{name}/__init__.py": "",
        f"{name}/etl.py": text(name, imports, value),
        f"{name}/near.py": f"import nearer\ndef f(): return nearer.F + {name!r}",
        f"{name}/nearer.py": "F = 'f of '",
        f"{name}/steps/first.py": "def g(): return 'g'",
    }


@pytest.mark.parametrize("mode", ["value", "reference"])
def test_modules_of_a_package_can_import_neighbours_by_their_own_names_as_a_script_can(
    workspace, mode
):
    files = {
        **package_of("flows", "import near", "near.f()"),
        **package_of("jobs", "from near import f", "f()"),
        **package_of("deep", "from deep.near import f", "f()"),
        **package_of("folders", "from steps import first", "first.g()"),
        **package_of("mixed", "import near\nfrom mixed.nearer import F", "near.f() + F"),
    }
    names = ["flows", "jobs", "deep", "folders", "mixed"]
    result = workspace.load(files, [f"{name}/etl.py" for name in names], mode)
    assert {name: tasks["run"][:2] for name, tasks in workspace.run_flows(result).items()} == {
        "flows": ["f of flows", "flows.etl"],
        "jobs": ["f of jobs", "jobs.etl"],
        "deep": ["f of deep", "deep.etl"],
        "folders": ["g", "folders.etl"],
        "mixed": ["f of mixedf of ", "mixed.etl"],
    }


@pytest.mark.parametrize("mode", ["value", "reference"])
def test_a_task_of_a_package_can_import_a_neighbour_by_its_own_name(workspace, mode):
    files = package_of("flows", "", "__import__('near').f()")
    result = workspace.load(files, ["flows/etl.py"], mode)
    assert workspace.run_flows(result)["flows"]["run"][0] == "f of flows"


@pytest.mark.parametrize(
    "statement",
    [
        "from flows import near; import yaml",
        "import near; import yaml; from flows import near",
        "from . import near; import yaml",
        "import yaml\ntry:\n    import nearest as near\nexcept ImportError:\n    "
        "from . import near",
    ],
)
def test_a_neighbour_hides_no_module_that_is_found_without_it(workspace, statement):
    # `near` is also at the root, and Prefect needs `yaml`.
    files = {
        "near.py": "NAME = 'root'",
        "flows/__init__.py": "",
        "flows/near.py": "NAME = 'beside'",
        "flows/nearest.py": "NAME = 'guarded'",
        "flows/yaml.py": "raise RuntimeError",
        "flows/etl.py": text("etl", statement, "near.NAME"),
    }
    result = workspace.load(files, ["flows/etl.py"])
    assert workspace.run_flows(result)["etl"]["run"][0] == "beside"


def test_a_module_in_another_folder_than_the_flow_is_no_neighbour(workspace):
    files = {
        "flows/__init__.py": "",
        "flows/near.py": "",
        "flows/daily/__init__.py": "",
        "flows/daily/etl.py": text("etl", "import near", "1"),
    }
    result = workspace.load(files, ["flows/daily/etl.py"], ok=False)
    hint = "The repository has the module `near` in the folder `flows`: set `python-path: flows`."
    assert [failure["hint"] for failure in result["problems"]] == [hint]


@pytest.mark.parametrize(
    ("file", "statement", "hint"),
    [
        (
            "v1.2/a.py",
            "from .near import f",
            "A folder with a `.` in its name, as `v1.2`, can't be a package, so relative imports "
            "don't work in it: rename it, or write `from near import f`.",
        ),
        (
            "plain/a.py",
            "from . import near",
            "The folder `plain` is no package, so relative imports don't work in it: add "
            "`plain/__init__.py`, or write `import near`.",
        ),
        (
            "jobs/pkg/a.py",
            "from ..lib.near import (f, g)",
            "The folder `jobs` is no package, so relative imports don't work in it: add "
            "`jobs/__init__.py`, or write `from lib.near import ...`.",
        ),
        (
            "a.py",
            "from .near import f",
            "The working directory is no package, so relative imports don't work in it: write "
            "`from near import f`.",
        ),
    ],
)
def test_a_relative_import_that_can_not_work_has_a_hint(workspace, file, statement, hint):
    files = {file: statement, "v1.2/__init__.py": "", "jobs/pkg/__init__.py": ""}
    problems = workspace.load(files, [file], ok=False)["problems"]
    assert [(each["code"], each["hint"]) for each in problems] == [("MODULE_IMPORT", hint)]
