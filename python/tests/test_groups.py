"""Modules of the same name: each group of flow modules has its own."""

import textwrap

import pytest
from kit import flow_calling, flow_text

MODES = ["value", "reference"]

FLOW = """
    from prefect import Flow, task
    import helpers, shared, common.part, third
    TIMES = third.TIMES
    @task
    def run():
        return [helpers.NAME, helpers.name(), shared.name(), common.part.name(), TIMES]
    with Flow({0!r}) as flow:
        run()
"""
HELPER = "NAME = {0!r}\ndef name(): return {0!r}"


@pytest.mark.parametrize("mode", MODES)
def test_each_import_root_has_its_own_module_of_the_same_name(workspace, mode):
    # A virtual environment in the work tree isn't the repository's: its module is imported once.
    site = workspace.path("root", ".venv", "site-packages")
    count = "import os\nTIMES = os.environ['N'] = os.environ.get('N', '') + '1'"
    workspace.write({"third.py": count}, site)
    # Each root also has its own copy of a module that imports another by such a name.
    files = {"shared.py": "import helpers\ndef name(): return helpers.name() + '!'"}
    for root in ("etl", "ml", "ops/etl"):
        name = root.replace("/", ".")
        files[root + "/flow.py"] = textwrap.dedent(FLOW).format(name)
        files[root + "/helpers.py"] = HELPER.format(name)
        files[root + "/common/part.py"] = HELPER.format(name)
    modules = ["etl/flow.py", "ml/flow.py", "ops/etl/flow.py"]
    result = workspace.load(files, modules, mode, PYTHONPATH=site)
    # None of them can be shipped: two files would need the same path.
    assert result["helpers"] == []
    for name, tasks in workspace.run_flows(result).items():
        assert tasks["run"] == [name, name, name + "!", name, "1"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("line", "folder"), [("insert(0, 'lib')", "lib"), ("append('lib')", "flows")]
)
def test_folders_on_the_path_are_searched_in_their_order(workspace, line, folder, mode):
    lazily = flow_text("a").replace("return 1", "import helper; return helper.FOLDER")
    files = {f"{name}/helper.py": f"FOLDER = {name!r}" for name in ("flows", "lib")}
    files["flows/a.py"] = f"import sys\nsys.path.{line}\n{lazily}"
    result = workspace.load(files, ["flows/a.py"], mode)
    assert workspace.values(result) == {"a": folder}


def test_helpers_of_a_namespace_package_run_once(workspace):
    files = {
        "common/settings.py": """
            import multiprocessing
            multiprocessing.set_start_method('spawn')
        """,
        "flows/a/flow_a.py": "from common import settings\n" + flow_text("a"),
        "flows/b/flow_b.py": "import common.settings\n" + flow_text("b"),
    }
    result = workspace.load(files, ["flows/a/flow_a.py", "flows/b/flow_b.py"], "reference")
    assert [flow["name"] for flow in result["flows"]] == ["a", "b"]


def team_files(imports):
    """Two import roots with a package of the same name, and a flow in each that imports from it."""
    files = {}
    for team in "ab":
        files[f"{team}/common/settings.py"] = f"TEAM = {team!r}"
        files[f"{team}/flow_{team}.py"] = flow_calling(team, imports, "settings.TEAM")
    return files


def test_namespace_packages_of_two_roots_are_different(workspace):
    files = team_files("import common.settings\nfrom common import settings")
    result = workspace.load(files, ["a/flow_a.py", "b/flow_b.py"], "value")
    assert workspace.values(result) == {"a": "a", "b": "b"}


def test_a_namespace_package_with_folders_elsewhere_keeps_no_module_of_another_root(workspace):
    site = workspace.path("root", ".venv", "site-packages")
    workspace.write({"common/theirs.py": ""}, site)
    files = team_files("import common.theirs\nfrom common import settings")
    result = workspace.load(files, ["a/flow_a.py", "b/flow_b.py"], PYTHONPATH=site)
    assert workspace.values(result) == {"a": "a", "b": "b"}
