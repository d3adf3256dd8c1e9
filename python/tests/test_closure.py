"""Which files each flow is made from, and when that can't be told."""

import pytest
from kit import flow_text

LIBRARY = {
    "lib/__init__.py": "",
    "lib/used.py": "from . import deep",
    "lib/deep.py": "",
    "lib/other.py": "",
    "config/a.yaml": "",
    "sql/q.sql": "",
    "settings-prod.yml": "",
}


def closure_of(workspace, code, files=None, file="flows/a.py", **env):
    files = dict(LIBRARY, **{file: code + "\n" + flow_text("a")}, **(files or {}))
    [flow] = workspace.load(files, [file], "reference", **env)["flows"]
    return flow["closure"]


def test_a_flow_is_made_from_its_module_and_all_that_it_imports(workspace):
    code = "def f():\n    import lib.used"
    assert closure_of(workspace, code) == {
        "files": ["flows/a.py", "lib/__init__.py", "lib/deep.py", "lib/used.py"],
        "data": [],
        "open": None,
    }


def test_the_packages_that_a_module_is_in_belong_to_its_flow(workspace):
    files = {"flows/__init__.py": "import lib.other", "flows/b.py": ""}
    closure = closure_of(workspace, "", files)
    expected = ["flows/__init__.py", "flows/a.py", "lib/__init__.py", "lib/other.py"]
    assert closure == {"files": expected, "data": [], "open": None}


def test_each_flow_has_its_own_files(workspace):
    files = dict(LIBRARY)
    files["a.py"] = "import lib.used\n" + flow_text("a")
    files["b.py"] = "import lib.other\n" + flow_text("b")
    flows = workspace.load(files, ["a.py", "b.py"], "reference")["flows"]
    assert [flow["closure"] for flow in flows] == [
        {
            "files": ["a.py", "lib/__init__.py", "lib/deep.py", "lib/used.py"],
            "data": [],
            "open": None,
        },
        {"files": ["b.py", "lib/__init__.py", "lib/other.py"], "data": [], "open": None},
    ]


OPEN_ENDED = [
    "import importlib\nname = 'lib.used'\nimportlib.import_module(name)",
    "from importlib import import_module as load\nload('lib.used')",
    "list(map(__import__, ['json']))",
    "exec('import lib')",
    "import pydoc\npydoc.locate('lib.used')",
    "names = ['lib.used']",
    "import pkgutil\nlist(pkgutil.iter_modules())",
    "open('config/a.yaml')",
    "import os\nos.path.join('sql', 'q.sql')",
    "f = lambda name: open(f'sql/{name}')",
    "f = lambda stage: open(f'settings-{stage}.yml')",
    "f = lambda stage: open('settings-%s.yml' % stage)",
    "from pathlib import Path\nf = lambda name: Path(name).with_suffix('.yml')",
    "from pathlib import Path\nPath(__file__).parent.parent.joinpath('x')",
    "from pathlib import Path\nHERE = Path(__file__).parent\nTOP = HERE.parent",
    "from pathlib import Path\nTOP = Path(__file__).resolve().parents[1]",
    "import os\nTOP = os.path.dirname(os.path.dirname(__file__))",
    "TOP = __file__.rsplit('/', 2)[0]",
    "import os\nos.listdir('.')",
    "import os\nfiles = list(os.walk('./'))",
    "from pathlib import Path\nlist(Path().iterdir())",
    "import os\nos.getcwd()",
    "import glob\nglob.glob('*/*.sql')",
    "from glob import glob\nglob('*/*.sql')",
    "PATH = '../sql/q.sql'",
    "import lib\nlib.__file__",
    "from pathlib import Path\nTOP = Path(__file__).parents[1]\nlist(TOP.glob('sql/*'))",
    "from pathlib import Path\nTOP = Path(__file__).parents[1]\nf = lambda name: TOP / name",
    "from pathlib import Path\nf = lambda node: (Path(__file__).parents[1] / 'sql', node.parent)",
    "import os\nSQL = os.path.join(os.path.dirname(__file__), '..', 'sql')\nopen('sql/q.sql')",
    "from pathlib import Path\nOUT = Path(__file__).parents[2] / 'sql'",
    "import os\nSQL = os.path.join(os.path.dirname(__file__), '..', 'sql')\nSQL.rsplit('/', 1)",
]
CLOSED = [
    "import importlib\nimportlib.import_module('lib.used')",
    "from pathlib import Path\nlist(Path(__file__).parent.glob('*.sql'))",
    "from pathlib import Path\nHERE = Path(__file__).resolve().parent\nlist(HERE.rglob('*'))",
    "import os\nos.path.join(os.path.dirname(os.path.abspath(__file__)), 'queries')",
    "import glob, os\nglob.glob(os.path.join(os.path.dirname(__file__), '*.sql'))",
    "import os\nHERE = os.path.split(os.path.abspath(__file__))[0]",
    "text = ', '.join(['x'])\nname = 'a.b'.split('.')",
    "import re\nre.compile('x')",
    "table = {'sql': 1, 'config': 2}\ntable['sql'], table.get('config')",
    "'sql' == 'config'",
    "open(__file__)",
    "URL, LOG = 'https://example.com/a', '/tmp/x.log'",
    "import os\nos.environ.get('HOME')",
    "'''Reads sql.'''",
    "f = lambda parent, parts, cwd: [parent, parts, cwd]",
]
TOP = "from pathlib import Path\nTOP = Path(__file__).resolve().parents[1]\n"
HERE = "import glob, os\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
# What a flow is made from beside its modules, in paths from the module's own.
NAMED = {
    TOP + "(TOP / 'sql' / 'q.sql').read_text()": ["sql/q.sql"],
    TOP + "SQL = TOP / 'sql'\nf = lambda name: SQL / name": ["sql"],
    TOP + "list((TOP / 'sql').glob('q*'))": ["sql"],
    TOP + "f = lambda: (TOP / 'sql' / 'later.sql').exists()": ["sql"],
    HERE + "open(os.path.join(HERE, '..', 'config', 'a.yaml'))": ["config/a.yaml"],
    HERE + "TOP = os.path.dirname(HERE)\nopen(f'{TOP}/sql/q.sql')": ["sql/q.sql"],
    HERE + "glob.glob(os.path.join(HERE, os.pardir, 'sql', '*.sql'))": ["sql"],
}


class TestCode:
    @pytest.fixture(scope="class")
    def closures(self, shared_workspace):
        """The closure of a flow for each code. The code does not run."""
        files = dict(LIBRARY)
        codes = [*OPEN_ENDED, *CLOSED, *NAMED]
        for index, code in enumerate(codes):
            body = "".join(f"    {line}\n" for line in code.split("\n"))
            files[f"flows/m{index}.py"] = f"def never():\n{body}\n{flow_text(f'f{index}')}"
        modules = [name for name in files if name.startswith("flows/")]
        flows = shared_workspace.load(files, modules, "reference")["flows"]
        return dict(zip(codes, (flow["closure"] for flow in flows)))

    @pytest.mark.parametrize("code", OPEN_ENDED)
    def test_what_only_a_run_tells_makes_the_files_open_ended(self, closures, code):
        assert closures[code]["open"] is not None

    @pytest.mark.parametrize("code", CLOSED)
    def test_what_stays_in_the_folders_of_the_modules_is_closed(self, closures, code):
        assert (closures[code]["data"], closures[code]["open"]) == ([], None)

    @pytest.mark.parametrize("code", NAMED)
    def test_what_a_path_from_the_own_file_names_belongs_to_the_flow(self, closures, code):
        assert (closures[code]["data"], closures[code]["open"]) == (NAMED[code], None)


def test_a_module_that_a_library_imports_by_name_makes_all_flows_open_ended(workspace):
    away = workspace.path("away")
    workspace.write(
        {"plugins.py": "import importlib\ndef load(n): importlib.import_module(n)"}, away
    )
    code = "import plugins\nplugins.load('lib' + chr(46) + 'other')"
    closure = closure_of(workspace, code, PYTHONPATH=away)
    assert closure["open"] == "no import statement explains lib/__init__.py"


def test_a_variable_that_names_a_path_makes_its_readers_open_ended(workspace):
    code = "import os\nopen(os.environ['FILE'])"
    assert closure_of(workspace, code, FILE="sql/q.sql")["open"] is not None


def test_a_text_that_names_a_data_file_beside_a_module_of_that_name_is_closed(workspace):
    code = "from pathlib import Path\nSQL = Path(__file__).with_name('a.sql').read_text()"
    assert closure_of(workspace, code, {"flows/a.sql": ""})["open"] is None


def test_an_extension_module_makes_its_importers_open_ended(workspace):
    code = "def f():\n    import native"
    assert closure_of(workspace, code, {"native.so": ""})["open"] is not None


def test_a_flow_that_imports_by_name_does_not_make_other_flows_open_ended(workspace):
    files = dict(LIBRARY)
    files["flows/a.py"] = flow_text("a")
    files["flows/b.py"] = (
        "import importlib\nname = 'other'\nimportlib.import_module('lib.' + name)\n"
        + flow_text("b")
    )
    flows = workspace.load(files, ["flows/a.py", "flows/b.py"], "reference")["flows"]
    assert [flow["closure"]["open"] is None for flow in flows] == [True, False]
