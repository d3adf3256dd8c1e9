"""Modules of the same name: each group of flow modules has its own."""

import textwrap

import pytest
from kit import fields_of, flow_calling, flow_text

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


@pytest.mark.parametrize("mode", MODES)
def test_import_roots_are_searched_in_their_order_and_before_the_root(workspace, mode):
    helper = "def folder(): return {!r}"
    files = {
        "lib/helper.py": helper.format("lib"),
        "gen/helper.py": helper.format("gen"),
        "gen/other.py": helper.format("gen"),
        "helper.py": helper.format("root"),
        "other.py": helper.format("root"),
        "flows/a.py": flow_calling(
            "a", "import helper, other", "[helper.folder(), other.folder()]"
        ),
    }
    result = workspace.load(files, ["flows/a.py"], mode, import_roots=["lib", "gen"])
    assert workspace.values(result) == {"a": ["lib", "gen"]}


@pytest.mark.parametrize("mode", MODES)
def test_modules_beside_the_root_are_the_repositorys(workspace, mode):
    workspace.root = workspace.path("root", "teams", "a")
    workspace.write({"shared/tools.py": "def name(): return 'shared'"}, workspace.path("root/libs"))
    lazily = flow_text("a").replace("return 1", "from shared import tools; return tools.name()")
    files = {
        "flows/a.py": lazily,
        "flows/b.py": flow_calling("b", "from shared import tools", "tools.name()"),
    }
    modules = ["flows/a.py", "flows/b.py"]
    result = workspace.load(files, modules, mode, import_roots=["../../libs"])
    shipped = [{"file": "../../libs/shared/tools.py", "path": "shared/tools.py"}]
    assert result["helpers"] == (shipped if mode == "reference" else [])
    assert workspace.values(result) == {"a": "shared", "b": "shared"}


def test_problems_beside_the_root_have_paths_relative_to_it(workspace):
    workspace.root = workspace.path("root", "teams", "a")
    workspace.write({"broken.py": "raise ValueError(__file__)"}, workspace.path("root/teams/b"))
    files = {"flow.py": "import broken"}
    result = workspace.load(files, ["flow.py"], ok=False, import_roots=["../b"])
    found = fields_of(result["problems"], "message", "file", "line")
    assert found == [("ValueError: ../b/broken.py", "../b/broken.py", 1)]


def test_a_flow_module_below_an_import_root_has_the_name_below_it(workspace):
    package = {"lib/__init__.py": "", "lib/acme/__init__.py": ""}
    flow = flow_calling("a", "", "__name__")
    files = dict(package, **{"lib/acme/flow.py": flow})
    result = workspace.load(files, ["lib/acme/flow.py"], import_roots=["lib"])
    assert workspace.values(result) == {"a": "acme.flow"}
