"""Runs the loader as it is run in production, on little repositories and the Prefect at hand.

python test_flowstore_loader.py
"""

import base64
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(*path):
    with open(os.path.join(PYTHON, *path), encoding="utf-8") as stream:
        return stream.read()


BOOT = read("boot.py")
MODULES = {
    os.path.join(os.path.relpath(folder, PYTHON), name[:-3])
    .replace(os.sep, ".")
    .replace(".__init__", ""): read(folder, name)
    for folder, _, names in os.walk(os.path.join(PYTHON, "flowstore_loader"))
    for name in names
    if name.endswith(".py")
}
DELIVERY = json.dumps({"boot": BOOT, "modules": MODULES})
DELIVERY = "%d\n%s" % (len(DELIVERY), DELIVERY)

# Reads each flow in a fresh interpreter and runs it; prints the results of tasks by their name.
RUN = """
import json, os, sys
sys.path[:] = [p for p in sys.path if p] + sys.argv[2:]
import prefect
import cloudpickle

def run(path):
    with open(path, "rb") as stream:
        flow = cloudpickle.load(stream)
    state = flow.run()
    assert state.is_successful(), state
    results = {task.name: state.result[task].result for task in flow.tasks}
    print("RESULT" + json.dumps([flow.name, results]), flush=True)

for path in json.loads(sys.argv[1]):
    # One process for each, as in production: cloudpickle 0.6 shares globals between pickles.
    child = os.fork()
    if child == 0:
        run(path)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""

FLOW = """
from prefect import Flow, task
@task
def value():
    return 1
with Flow({name!r}) as flow:
    value()
"""


def flow_text(name):
    return FLOW.format(name=name)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="flowstore-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = os.path.join(self.folder, "root")
        self.output = os.path.join(self.folder, "out")
        self.home = os.path.join(self.folder, "home")
        os.makedirs(self.root)
        os.makedirs(self.home)

    def write(self, files, folder=None):
        for name, text in files.items():
            path = os.path.join(folder or self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(textwrap.dedent(text))

    def python(self, arguments, cwd, given=None, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PREFECT"))}
        clean.update(env, HOME=self.home, LANG="C.UTF-8")
        return subprocess.run(
            [sys.executable] + arguments,
            input=given,
            cwd=cwd,
            env=clean,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )

    def loader(self, request, cwd=None, flags=(), **env):
        request = dict({"protocol": 4, "output": self.output}, **request)
        given = DELIVERY + json.dumps(request) + "\n"
        return self.python([*flags, "-c", BOOT, "once"], cwd or self.folder, given, **env)

    def result(self, request, cwd=None, **env):
        done = self.loader(request, cwd, **env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("result.json", os.listdir(self.output))
        self.assertNotIn("result.json.tmp", os.listdir(self.output))
        with open(os.path.join(self.output, "result.json"), encoding="utf-8") as stream:
            result = json.load(stream)
        self.assertEqual((result["protocol"], result["action"]), (4, request["action"]))
        return result

    def load_request(self, modules, helpers="value", **more):
        """What asks to load modules: names, or dicts with what differs."""
        wanted = [m if isinstance(m, dict) else {"file": m} for m in modules]
        request = {
            "action": "load",
            "root": self.root,
            "modules": [dict({"flows": None, "explicit": True}, **m) for m in wanted],
            "helpers": helpers,
            "pickleProtocols": [],
            "flowsJson": None,
        }
        return dict(request, **more)

    def load(self, files, modules, helpers="value", protocols=(), ok=True, flows_json=None):
        """Writes the files and loads the modules: names, or dicts with what differs."""
        self.write(files)
        more = {"pickleProtocols": list(protocols), "flowsJson": flows_json}
        result = self.result(self.load_request(modules, helpers, **more))
        if ok:
            self.assertEqual(result["problems"], [])
        return result

    def run_flows(self, result):
        """Runs the flows in an empty folder with nothing but the shipped helpers on the path."""
        empty, site = (tempfile.mkdtemp(dir=self.folder) for _ in range(2))
        for helper in result["helpers"]:
            path = os.path.join(site, helper["path"])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(self.root, helper["file"]), path)
        hidden = os.path.join(self.folder, "hidden")
        os.rename(self.root, hidden)
        try:
            files = [os.path.join(self.output, flow["file"]) for flow in result["flows"]]
            done = self.python(["-c", RUN, json.dumps(files), site], empty)
        finally:
            os.rename(hidden, self.root)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        return dict(json.loads(line[6:]) for line in lines if line.startswith("RESULT"))

    def problems(self, result, *keys):
        return [tuple(problem[key] for key in keys) for problem in result["problems"]]

    def pickle(self, flow):
        with open(os.path.join(self.output, flow["file"]), "rb") as stream:
            return stream.read()


class TestProtocol(Case):
    def test_refuses_another_protocol_and_a_missing_request(self):
        done = self.loader({"protocol": 1, "action": "probe"})
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Aflowstore_loader: .*protocol 1.*\n\Z")
        self.assertFalse(os.path.exists(self.output))
        done = self.python(["-c", BOOT, "once"], self.folder, DELIVERY)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))

    def test_half_a_delivery_ends_it(self):
        for mode in (["once"], ["session", "T"]):
            done = self.python(["-c", BOOT] + mode, self.folder, DELIVERY[:1000])
            self.assertEqual(done.returncode, 1, done.stderr)

    def test_probe_says_what_is_installed_without_importing_it(self):
        fake = os.path.join(self.folder, "fake")
        self.write({"prefect/__init__.py": "raise SystemExit(9)"}, fake)
        versions = self.result({"action": "probe", "folders": []}, PYTHONPATH=fake)["versions"]
        import cloudpickle
        import pip
        import prefect

        expected = {
            "python": "%d.%d.%d" % sys.version_info[:3],
            "prefect": prefect.__version__,
            "cloudpickle": cloudpickle.__version__,
            "pip": pip.__version__,
        }
        self.assertEqual(versions, expected)

    def test_probe_tells_the_way_to_a_folder_with_its_owners_links_resolved(self):
        real = os.path.join(self.folder, "real")
        os.makedirs(os.path.join(real, "below"))
        os.chmod(real, 0o1777)
        os.symlink(real, os.path.join(self.folder, "link"))
        asked = os.path.join(self.folder, "link", "below")
        absent = os.path.join(self.folder, "absent")
        folders = self.result({"action": "probe", "folders": [asked, absent]})["folders"]
        self.assertEqual(list(folders), [asked])
        way = folders[asked]
        top = os.path.realpath(real)
        self.assertEqual([each["path"] for each in way[-2:]], [top, os.path.join(top, "below")])
        owner = {"uid": os.getuid(), "gid": os.getgid()}
        self.assertEqual(way[-2], dict(owner, path=top, mode=0o1777))
        self.assertEqual(way[0]["path"], os.sep + top.split(os.sep)[1])

    def test_probe_gives_null_for_what_is_absent(self):
        done = self.loader({"action": "probe", "folders": []}, flags=["-S"])
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.output, "result.json")) as stream:
            versions = json.load(stream)["versions"]
        self.assertEqual((versions["prefect"], versions["cloudpickle"]), (None, None))

    def test_threads_and_exit_handlers_of_modules_do_not_hold_or_fail_the_run(self):
        text = """
            import atexit, os, threading, time
            print("printed by the module")
            threading.Thread(target=time.sleep, args=(300,)).start()
            atexit.register(lambda: os._exit(7))
        """
        self.load({"flow.py": textwrap.dedent(text) + flow_text("a")}, ["flow.py"])

    def test_a_keyboard_interrupt_ends_the_run(self):
        self.write({"flow.py": "raise KeyboardInterrupt"})
        module = {"file": "flow.py", "flows": None, "explicit": True}
        request = {"action": "load", "root": self.root, "modules": [module], "helpers": "value"}
        done = self.loader(dict(request, pickleProtocols=[]))
        self.assertEqual((done.returncode, done.stderr), (130, "flowstore_loader: interrupted\n"))
        self.assertFalse(os.path.exists(os.path.join(self.output, "result.json")))


class TestPrefect(Case):
    REQUEST = {"action": "load", "modules": [], "helpers": "value", "pickleProtocols": []}

    def load_with(self, files):
        fake = os.path.join(self.folder, "fake")
        self.write(files, fake)
        result = self.result(dict(self.REQUEST, root=self.root), PYTHONPATH=fake)
        self.assertIsNone(result["versions"])
        [found] = result["problems"]
        self.assertEqual(found["code"], "PREFECT_NOT_FOUND")
        return found

    def test_absent(self):
        done = self.loader(dict(self.REQUEST, root=self.root), flags=["-S"])
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.output, "result.json")) as stream:
            [found] = json.load(stream)["problems"]
        self.assertIn("not installed", found["message"])

    def test_present_but_failing(self):
        found = self.load_with({"prefect/__init__.py": "import urllib3_is_too_new"})
        self.assertIn("urllib3_is_too_new", found["message"])
        self.assertIn("fake", found["detail"])


class TestImporting(Case):
    def test_layouts(self):
        """src, packages with relative imports, siblings, namespace folders; `__name__`, argv."""
        task = """
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
            return textwrap.dedent(task).format(flow=flow, imports=imports, call=call)

        files = {
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
        modules = [
            "src/acme/flows/inner.py",
            "flows/outer.py",
            "flows/my-flow.v2.py",
            "jobs/daily/job.py",
            "prefect/shadow.py",
        ]
        result = self.load(files, modules)
        self.assertEqual([flow["module"] for flow in result["flows"]], modules)
        got = {name: tasks["run"] for name, tasks in self.run_flows(result).items()}
        names = ["acme.flows.inner", "outer", "my-flow_v2", "job", "shadow"]
        values = [2, 4, 9, 16, True]
        for flow, module, name, value in zip(result["flows"], modules, names, values):
            self.assertEqual(got[flow["name"]], [value, name, [module], self.root])
        for _, folders, _ in os.walk(self.root):
            self.assertNotIn("__pycache__", folders)

    def test_modules_of_one_name_in_two_import_roots(self):
        """Each flow module has its own, the shared one that imports it too; pandas is one."""
        flow = """
            from prefect import Flow, task
            import helpers, shared, common.part, third
            TIMES = third.TIMES
            @task
            def run():
                return [helpers.NAME, helpers.name(), shared.name(), common.part.name(), TIMES]
            with Flow({0!r}) as flow:
                run()
        """
        helper = "NAME = {0!r}\ndef name(): return {0!r}"
        # A virtual environment in the work tree isn't of the repository.
        site = os.path.join(self.root, ".venv", "site-packages")
        count = "import os\nTIMES = os.environ['N'] = os.environ.get('N', '') + '1'"
        self.write({"third.py": count}, site)
        files = {"shared.py": "import helpers\ndef name(): return helpers.name() + '!'"}
        for root in ("etl", "ml", "ops/etl"):
            name = root.replace("/", ".")
            files[root + "/flow.py"] = textwrap.dedent(flow).format(name)
            files[root + "/helpers.py"] = helper.format(name)
            files[root + "/common/part.py"] = helper.format(name)
        modules = ["etl/flow.py", "ml/flow.py", "ops/etl/flow.py"]
        for helpers in ("value", "reference"):
            self.write(files)
            request = {
                "action": "load",
                "root": self.root,
                "modules": [{"file": m, "flows": None, "explicit": True} for m in modules],
                "helpers": helpers,
                "pickleProtocols": [],
            }
            result = self.result(request, PYTHONPATH=site)
            self.assertEqual(result["problems"], [])
            # None of them can be shipped: two files would lie at one path.
            self.assertEqual(result["helpers"], [])
            for name, tasks in self.run_flows(result).items():
                self.assertEqual(tasks["run"], [name, name, name + "!", name, "1"])

    def test_two_flow_modules_of_one_dotted_name(self):
        files = {"a/flow.py": flow_text("a"), "b/flow.py": flow_text("b")}
        files.update({"c.py": flow_text("c"), "c/__init__.py": flow_text("c2")})
        result = self.load(files, ["a/flow.py", "c.py", "b/flow.py", "c/__init__.py"])
        self.assertEqual([flow["name"] for flow in result["flows"]], ["a", "c", "b", "c2"])
        self.assertEqual(len(self.run_flows(result)), 4)


class TestFinding(Case):
    def test_flows_at_module_level(self):
        text = """
            from prefect import Flow, Parameter, task
            from collections import OrderedDict
            class Special(Flow):
                __hash__ = object.__hash__
            first = Flow("first")
            again = first
            listed = [Flow("in list"), (Flow("in tuple"), first)]
            mapped = OrderedDict(x={"y": Flow("in dict")}, me=None)
            mapped["me"] = mapped
            grouped = {Special("set b"), Special("set a")}
            def make(name):
                with Flow(name) as flow:
                    hidden = Flow("not bound")
                return flow
            made = make("made")
            special = Special("special")
            copied = first.copy()
            copied.name = "copied"
            defaults = {"map": {"a": [1, 2.5]}, "tuple": (1, 2), "object": object}
            tasks = [Parameter(name, default=value) for name, value in defaults.items()]
            tasks += [Parameter("required"), Parameter("nan", default=float("nan"))]
            tasks.append(Parameter("none", default=None, required=False))
            parameters = Flow("Über flöw #1", tasks=tasks)
        """
        result = self.load({"m.py": text}, ["m.py"], protocols=[{"since": "0.0", "protocol": 2}])
        flows = [(flow["name"], flow["line"]) for flow in result["flows"]]
        expected = [("first", 6), ("in list", 8), ("in tuple", 8), ("in dict", 9)]
        expected += [("set a", 11), ("set b", 11), ("made", 16), ("special", 17), ("copied", 18)]
        self.assertEqual(flows, expected + [("Über flöw #1", 24)])
        last = result["flows"][-1]
        self.assertEqual((last["slug"], last["module"]), ("uber-flow-1", "m.py"))
        optional = {"required": False}
        parameters = [
            {"name": "map", "required": False, "default": {"a": [1, 2.5]}},
            dict(optional, name="nan"),
            {"name": "none", "required": False, "default": None},
            dict(optional, name="object"),
            {"name": "required", "required": True},
            dict(optional, name="tuple"),
        ]
        self.assertEqual(last["parameters"], parameters)
        import prefect

        self.assertEqual(result["versions"]["prefect"], prefect.__version__)
        for flow in result["flows"]:
            self.assertEqual(self.pickle(flow)[:2], b"\x80\x02")
            self.assertNotIn(b"flowstore", self.pickle(flow))

    def test_a_storage_of_the_module_is_told_by_what_it_says(self):
        text = "from prefect import Flow\nflow = Flow('s')\nplain = Flow('plain')\n"
        text += "class Heavy: pass\nflow.storage = Heavy()\n"
        text += "try: from prefect.storage import Docker\n"
        text += "except ImportError: from prefect.environments.storage import Docker\n"
        text += "class Ours(Docker): pass\ndocker = Flow('docker')\n"
        text += "docker.storage = Ours(registry_url='r.io/x', python_dependencies=['pandas'],\n"
        text += "    env_vars={'A': '1'}, files={__file__: '/flow.py'})\n"
        text += "bare = Flow('bare')\nbare.storage = Docker()\n"
        flows = self.load({"m.py": text}, ["m.py"])["flows"]
        storages = {flow["name"]: flow["storage"] for flow in flows}
        self.assertEqual(storages["s"], {"type": "Heavy", "options": {}})
        self.assertIsNone(storages["plain"])
        options = {
            "registry_url": "r.io/x",
            "python_dependencies": ["pandas"],
            "env_vars": {"A": "1"},
            "files": {"m.py": "/flow.py"},
        }
        self.assertEqual(storages["docker"], {"type": "Docker", "options": options})
        self.assertIn(storages["bare"], (None, {"type": "Docker", "options": {}}))

    def test_dependencies_that_a_module_declares_are_told_when_it_does_not_import(self):
        text = "import no_such_module\nfrom prefect.storage import Docker\n"
        text += "s = Docker(python_dependencies=['pandas>=1', 'x'])\n"
        result = self.load({"m.py": text}, ["m.py"], ok=False)
        self.assertEqual([p["code"] for p in result["problems"]], ["MODULE_IMPORT"])
        self.assertEqual(result["dependencies"], ["pandas>=1", "x"])

    def test_declared_dependencies_may_be_constants_of_the_module(self):
        head = "import no_such_module\nfrom prefect.storage import Docker\n"
        cases = [
            ("A = ['a', 'b']", "A", ["a", "b"]),
            ("A: tuple = ('c',)", "A", ["c"]),
            ("A = ['d']\nB = A + ['e']", "B + ['f']", ["d", "e", "f"]),
            ("V = 'g' + '==1'\nA = ['h', V]", "A", ["h", "g==1"]),
            ("", "('i',) + ('j',)", ["i", "j"]),
            # What is bound more than once, or not by what can be read, is not guessed at.
            ("A = ['k']\nA += ['l']", "A", []),
            ("A = ['m']\nif A:\n    A = ['n']", "A", []),
            ("A = B\nB = A", "A + ['o']", []),
            ("A = list('pq')", "A", []),
            ("A = B = ['r']", "A", []),
            ("", "'stu'", []),
            ("", "['v'] + 1", []),
        ]
        files = {}
        for index, (text, value, _) in enumerate(cases):
            call = "\ns = Docker(python_dependencies=%s)\n" % value
            files["m%02d.py" % index] = head + text + call
        result = self.load(files, sorted(files), ok=False)
        expected = [line for _, _, lines in cases for line in lines]
        self.assertEqual(result["dependencies"], expected)

    def test_an_imported_flow_is_one_flow_of_the_module_that_made_it(self):
        files = {
            "etl/a.py": flow_text("a"),
            # Once by its own name and once, after that root's modules were dropped, by another.
            "etl/b.py": "from a import flow\nfrom etl.a import flow as other",
            "etl/z.py": "from unlisted import flow",
            "etl/unlisted.py": flow_text("u"),
            "c.py": "from etl.a import flow",
        }
        result = self.load(files, ["etl/b.py", "etl/a.py", "c.py", "etl/z.py"])
        flows = [(flow["name"], flow["module"], flow["line"]) for flow in result["flows"]]
        self.assertEqual(flows, [("a", "etl/a.py", 6), ("u", "etl/unlisted.py", 6)])

    def test_selecting(self):
        text = "from prefect import Flow\none, two = Flow('two'), Flow('uno')\nboth = [one, two]\n"
        files = {"m.py": text, "n.py": flow_text("n"), "empty.py": "x = 1", "quiet.py": "x = 1"}
        modules = [
            {"file": "m.py", "flows": ["one", "two", "three"]},
            {"file": "n.py", "flows": ["flow"]},
            "empty.py",
            {"file": "quiet.py", "explicit": False},
        ]
        result = self.load(files, modules, ok=False)
        # "two" is a flow's name and so not the variable `two`.
        self.assertEqual([flow["name"] for flow in result["flows"]], ["two", "n"])
        self.assertEqual(
            self.problems(result, "code", "file", "message"),
            [
                ("FLOW_NOT_FOUND", "m.py", 'No flow "three" in m.py; it has "two", "uno".'),
                ("FLOW_NOT_FOUND", "empty.py", "No flow found in empty.py."),
            ],
        )

    def test_name_conflicts_name_both_places(self):
        text = "from prefect import Flow\nflows = [Flow('same') for _ in range(2)]\n"
        files = {"m.py": text, "n.py": flow_text("same")}
        result = self.load(files, ["m.py", "n.py"], ok=False)
        expected = [
            ("NAME_CONFLICT", "m.py", 2, 'Two flows are named "same": m.py:2 and m.py:2.'),
            ("NAME_CONFLICT", "n.py", 6, 'Two flows are named "same": m.py:2 and n.py:6.'),
        ]
        self.assertEqual(self.problems(result, "code", "file", "line", "message"), expected)

    def test_modules_that_run_or_register_when_imported(self):
        text = flow_text("a") + "try:\n    state = flow.run()\nexcept NameError:\n    pass\n"
        self.load({"flow.py": text}, ["flow.py"])


class TestProblems(Case):
    def test_every_module_is_tried_and_every_problem_reported(self):
        files = {
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
        modules = [name for name in files if name not in ("broken.py", "fails.py")]
        result = self.load(files, ["absent.py"] + modules, ok=False)
        self.assertEqual([flow["name"] for flow in result["flows"]], ["good"])
        found = {p["file"]: p for p in result["problems"]}
        self.assertEqual(len(result["problems"]), len(modules))
        summary = {p["file"]: (p["code"], p["line"]) for p in result["problems"]}
        nul = summary.pop("nul.py")
        self.assertIn(nul[0], ("MODULE_SYNTAX", "MODULE_IMPORT"))
        self.assertEqual(
            summary,
            {
                "absent.py": ("MODULE_NOT_FOUND", None),
                "syntax.py": ("MODULE_SYNTAX", 2),
                "broken.py": ("MODULE_SYNTAX", 3),
                "exits.py": ("MODULE_IMPORT", 2),
                "third.py": ("MODULE_IMPORT", 1),
                "name.py": ("MODULE_IMPORT", 1),
                "deep.py": ("MODULE_IMPORT", 4),
                "fails.py": ("MODULE_IMPORT", 2),
                "newer.py": ("MODULE_IMPORT", 1),
            },
        )
        self.assertEqual(found["exits.py"]["message"], "SystemExit: usage: exits")
        self.assertIn("__main__", found["exits.py"]["hint"])
        self.assertEqual(
            found["third.py"]["message"], "ModuleNotFoundError: No module named 'no_such_package'"
        )
        self.assertIn("`no_such_package` to `python-dependencies`", found["third.py"]["hint"])
        self.assertIn("another release", found["newer.py"]["hint"])
        detail = found["fails.py"]["detail"]
        self.assertIn('File "helper_fails.py", line 1, in <module>', detail)
        self.assertIn('File "fails.py", line 2, in f\n    return 1 / 0', detail)
        self.assertTrue(detail.endswith("ZeroDivisionError: division by zero"), detail)
        for text in ("importlib", "flowstore_loader", self.root, "json/decoder"):
            self.assertNotIn(text, "".join(p["detail"] or "" for p in result["problems"]))

    def test_a_file_has_one_path_however_it_was_found(self):
        for folder in ("'lib'", "os.path.dirname(__file__) + '/../lib'"):
            line = "sys.path.append(%s)" % folder
            files = {
                "lib/fails.py": "1 / 0",
                "lib/typo.py": "def f(:",
                "flows/a.py": "import os, sys\n%s\nimport fails" % line,
                "flows/b.py": "import os, sys\n%s\nimport typo" % line,
            }
            result = self.load(files, ["flows/a.py", "flows/b.py"], ok=False)
            expected = [("MODULE_IMPORT", "lib/fails.py", 1), ("MODULE_SYNTAX", "lib/typo.py", 1)]
            self.assertEqual(self.problems(result, "code", "file", "line"), expected)
            frames = (
                'File "flows/a.py", line 3, in <module>\n    import fails\n  File "lib/fails.py"'
            )
            self.assertIn(frames, result["problems"][0]["detail"])

    def test_a_broken_helper_is_told_once_with_the_modules_that_need_it(self):
        files = {"helper.py": "\nimport no_such_package\n", "typo.py": "def f(:"}
        modules = ["flow%d.py" % number for number in range(7)]
        files.update((module, "import helper" + flow_text(module)) for module in modules)
        files.update((name, "import typo" + flow_text(name)) for name in ("a.py", "b.py"))
        result = self.load(files, modules + ["a.py", "b.py"], ok=False)
        missing, typo = result["problems"]
        self.assertEqual((missing["file"], missing["line"]), ("helper.py", 2))
        self.assertEqual(
            missing["message"],
            "ModuleNotFoundError: No module named 'no_such_package'; imported by "
            "flow0.py, flow1.py, flow2.py, flow3.py, flow4.py, ... (7 modules)",
        )
        self.assertEqual((typo["code"], typo["file"]), ("MODULE_SYNTAX", "typo.py"))
        self.assertTrue(typo["message"].endswith("; imported by a.py, b.py"), typo["message"])

    def test_a_flow_that_can_not_be_pickled(self):
        text = """
            import sys
            from prefect import Flow, task, Task
            frame = sys._getframe()
            def use():
                return frame
            @task
            def fine(): return 1
            @task
            def faulty(): return use()
            class Holder(Task):
                def __init__(self):
                    self.held = {"deep": [sys._getframe()]}
                    super().__init__(name="holder")
                def run(self): return 1
            with Flow("bad") as bad:
                fine()
                faulty()
            worse = Flow("worse", tasks=[Holder()])
            with Flow("good") as good:
                fine()
        """
        result = self.load({"m.py": text}, ["m.py"], ok=False)
        self.assertEqual([flow["name"] for flow in result["flows"]], ["good"])
        lines = [("FLOW_SERIALIZE", "m.py", 16), ("FLOW_SERIALIZE", "m.py", 19)]
        self.assertEqual(self.problems(result, "code", "file", "line"), lines)
        messages = [message for (message,) in self.problems(result, "message")]
        self.assertIn(
            'Flow "bad" can\'t be pickled: task "faulty" > run > use > frame', messages[0]
        )
        self.assertIn("task \"holder\" > held > ['deep'] > [0]", messages[1])
        self.assertRegex(messages[1], "TypeError: .*frame")

    def test_a_root_that_is_not_there(self):
        request = dict(TestPrefect.REQUEST, root=os.path.join(self.folder, "nowhere"))
        self.assertEqual(self.problems(self.result(request), "code"), [("LOAD_FAILED",)])


class TestPickleProtocol(Case):
    def test_is_chosen_by_the_release(self):
        sys.path.insert(0, PYTHON)
        self.addCleanup(sys.path.remove, PYTHON)
        from flowstore_loader.pickled.serialization import pickle_protocol

        choices = [{"since": "0.14.3", "protocol": 4}, {"since": "1.0.0", "protocol": 5}]
        versions = ["0.5.4", "0.5.3+275.gabc", "0+unknown", "0.14.2", "0.14.3", "0.14.22"]
        versions += ["0.15", "1.0rc0", "1.4.1"]
        chosen = [pickle_protocol(choices, version) for version in versions]
        self.assertEqual(chosen, [None] * 4 + [4] * 3 + [5] * 2)


class TestHelpers(Case):
    PACKAGE = {
        "pkg/__init__.py": "import pkg\nfrom . import clean\nNAME = 'pkg'\n",
        "pkg/clean.py": """
            import collections, json
            from . import deep
            import pkg
            class Base:
                def __init__(self): self.a = 1
            class C(Base):
                def __init__(self): super().__init__()
                def x(self): return deep.twice(self.a)
            P = collections.namedtuple("P", "a b")
            STATE = []
            def f(n):
                STATE.append(n)
                return json.dumps([C().x(), P(1, n).b, pkg.NAME, len(STATE)])
        """,
        "pkg/deep.py": """
            from . import clean
            def twice(x): return 2 * x * clean.P(1, 1).a
        """,
        # Carried only by flows that need it: it can't be pickled as a whole.
        "pkg/stranger.py": flow_text("stranger") + "import sys\nframe = sys._getframe()\n",
        "pkg/flow.py": """
            from prefect import Flow, task, Task
            from pkg import clean
            import pkg.deep
            from pkg.clean import C, f
            import pkg.other
            class Class(Task):
                def run(self): return [clean.f(3), pkg.deep.twice(3), pkg.other.value.run()]
            @task
            def function(n): return [f(n), C().x(), isinstance(clean.C(), clean.Base)]
            with Flow("helped") as flow:
                flow.add_task(Class())
                function(3)
        """,
        "pkg/other.py": flow_text("other"),
    }
    MODULES = ["pkg/flow.py", "pkg/stranger.py", "pkg/other.py"]

    def assert_helped(self, result):
        got = self.run_flows(result)["helped"]
        by_class, by_function = (json.loads(got[name].pop(0)) for name in ("Class", "function"))
        self.assertEqual((got["Class"], got["function"]), ([6, 1], [2, True]))
        # The two tasks share the state of `clean`.
        counts = sorted([by_class.pop(), by_function.pop()])
        self.assertEqual((by_class, by_function, counts), ([2, 3, "pkg"], [2, 3, "pkg"], [1, 2]))

    def test_by_value(self):
        result = self.load(self.PACKAGE, self.MODULES)
        self.assertEqual(result["helpers"], [])
        self.assert_helped(result)

    def test_by_reference(self):
        result = self.load(self.PACKAGE, self.MODULES, "reference")
        files = ["pkg/__init__.py", "pkg/clean.py", "pkg/deep.py"]
        self.assertEqual(result["helpers"], [{"file": f, "path": f} for f in files])
        self.assert_helped(result)
        # What is shipped isn't in the pickle, the flow module's own class is.
        self.assertNotIn(b"STATE", self.pickle(result["flows"][0]))

    def test_modules_imported_in_functions_are_shipped(self):
        files = {
            "src/lib/__init__.py": "",
            "src/lib/late.py": "def f():\n    from . import later\n    return later.g()",
            "src/lib/later.py": "from lib.sub.last import VALUE\ndef g(): return VALUE",
            "src/lib/sub/last.py": "VALUE = 7",
            "src/lib/unused.py": "",
            "etl/beside.py": "def f():\n    import other_flow\n    return other_flow.NUMBER",
            "etl/other_flow.py": flow_text("other") + "NUMBER = 5\n",
            "etl/flow.py": """
                from prefect import Flow, task
                import beside
                @task
                def run():
                    import json, lib.late
                    return [json.loads("1"), lib.late.f(), beside.f()]
                with Flow("lazy") as flow:
                    run()
            """,
        }
        result = self.load(files, ["etl/flow.py", "etl/other_flow.py"], "reference")
        shipped = {helper["path"]: helper["file"] for helper in result["helpers"]}
        expected = {
            "lib/" + name: "src/lib/" + name
            for name in ("__init__.py", "late.py", "later.py", "sub/last.py")
        }
        expected.update({"beside.py": "etl/beside.py", "other_flow.py": "etl/other_flow.py"})
        self.assertEqual(shipped, expected)
        self.assertEqual(self.run_flows(result)["lazy"], {"run": [1, 7, 5]})

    LAZY = {
        "models.py": "class Order: pass\nclass Wrong(Exception): pass\nREAD = open('data').read()",
        "data": "5",
        "locked.py": "import threading\nLOCK = threading.Lock()\nVALUE = 6",
        "lib/__init__.py": "WHO = 'lib'",
        "lib/late.py": """
            import models
            def f(n):
                from . import later
                from .sub.last import VALUE
                return later.twice(n) + VALUE
            class Method:
                def order(self):
                    from lib import later
                    return later.order()
        """,
        "lib/later.py": """
            import lib.sub.last, models, os
            CALLS = []
            def twice(n):
                CALLS.append(n)
                return 2 * n
            def order(): return models.Order()
            def fails(): raise models.Wrong()
        """,
        "lib/sub/last.py": "VALUE = 7",
        "json.py": "raise RuntimeError('the real one hides this')",
        "pkg/__init__.py": "",
        "pkg/near.py": "NAME = __name__",
        "pkg/flow.py": """
            from prefect import Flow, task
            import models
            from locked import VALUE
            from models import Order, Wrong
            from lib.late import f, Method
            @task
            def run():
                import importlib, json, lib.late, lib.later as later
                from . import near
                locked = importlib.import_module("locked")
                try:
                    later.fails()
                except Wrong:
                    wrong = True
                same = [type(Method().order()) is Order, models.Order is later.models.Order, wrong]
                return [f(1), lib.late.f(2), later.CALLS, lib.WHO, near.NAME, locked.VALUE,
                        later.models.READ, json.loads("1"), same]
            @task
            def other():
                return (lambda: __import__("lib.sub.last").sub.last.VALUE)()
            with Flow("lazy") as flow:
                run()
                other()
        """,
    }
    LAZY_RESULT = {"run": [9, 11, [1, 2], "lib", "pkg.near", 6, "5", 1, [True] * 3], "other": 7}

    def test_modules_imported_in_functions_go_by_value(self):
        result = self.load(self.LAZY, ["pkg/flow.py"])
        self.assertEqual(result["helpers"], [])
        self.assertEqual(self.run_flows(result)["lazy"], self.LAZY_RESULT)
        # A flow without such functions carries nothing of the kind.
        plain = self.load({"plain.py": flow_text("plain")}, ["plain.py"])["flows"][0]
        self.assertNotIn(b"CarriedImports", self.pickle(plain))

    def test_a_task_sent_on_takes_what_its_functions_import_along(self):
        """As with Dask: the flow is read here, its task runs in a process that was sent the task."""
        text = """
            from prefect import Flow, task
            from models import Order
            @task
            def run():
                import late
                return [late.name(), late.READ, Order.__name__, late.models.READ]
            with Flow("sent") as flow:
                run()
        """
        files = {"flow.py": text, "models.py": self.LAZY["models.py"], "data": "5"}
        files["late.py"] = "import models\nREAD = models.READ\ndef name(): return models.__name__"
        [flow] = self.load(files, ["flow.py"])["flows"]
        send = """
            import cloudpickle, os, pickle, subprocess, sys
            import prefect
            flow = cloudpickle.load(open(sys.argv[1], "rb"))
            [task] = flow.tasks
            content = cloudpickle.dumps(task.run)
            code = "import pickle, sys; print(pickle.load(sys.stdin.buffer)())"
            subprocess.run([sys.executable, "-c", code], input=content, check=True)
        """
        shutil.rmtree(self.root)
        empty = tempfile.mkdtemp(dir=self.folder)
        # A folder that is no package is there on many a machine.
        os.mkdir(os.path.join(empty, "models"))
        path = os.path.join(self.output, flow["file"])
        done = self.python(["-c", textwrap.dedent(send), path], empty)
        self.assertEqual(done.stdout, "['models', '5', 'Order', '5']\n", done.stderr)

    def test_modules_imported_in_functions_of_a_flow_s_module_by_reference(self):
        files = {name: text for name, text in self.LAZY.items() if name != "json.py"}
        # No data file is shipped: what reads one at import time is the user's to bring.
        files["models.py"] = files["models.py"].replace("open('data').read()", "'5'")
        result = self.load(files, ["pkg/flow.py"], "reference")
        self.assertEqual(self.run_flows(result)["lazy"], self.LAZY_RESULT)

    def test_modules_imported_by_a_call_with_a_literal(self):
        files = {
            "pkg/__init__.py": "from importlib import import_module as _, import_module\n"
            "top = import_module('.top', __name__)",
            "pkg/top.py": "def f(): return __import__('other.late').late.VALUE",
            "pkg/near.py": "VALUE = 1",
            "pkg/named.py": "VALUE = 2",
            "other/late.py": "VALUE = 3",
            "other/computed.py": "",
            "pkg/flow.py": """
                import importlib
                from prefect import Flow, task
                from pkg import top
                @task
                def run():
                    near = importlib.import_module(".near", __package__)
                    named = importlib.import_module("..named", package="pkg.other")
                    return [top.f(), near.VALUE, named.VALUE]
                def unused(name):
                    return importlib.import_module(name), importlib.import_module("x" + name)
                with Flow("called") as flow:
                    run()
            """,
        }
        result = self.load(files, ["pkg/flow.py"], "reference")
        names = ["other/late.py"] + ["pkg/%s.py" % n for n in ("__init__", "named", "near", "top")]
        self.assertEqual([helper["file"] for helper in result["helpers"]], names)
        self.assertEqual(self.run_flows(result)["called"], {"run": [3, 1, 2]})

    def test_enums_and_abstract_classes_by_value(self):
        """What cloudpickle 0.6 to 1.2 stumble over."""
        files = {
            "kinds.py": """
                import abc, enum, numbers
                class Color(enum.Enum):
                    RED = 1
                    GREEN = "g"
                    def again(self): return Color(self.value)
                    @property
                    def low(self): return self.name.lower()
                    @classmethod
                    def default(cls): return cls.GREEN
                class Level(enum.IntEnum):
                    LOW, HIGH = 1, 2
                class Bits(enum.Flag):
                    A = enum.auto()
                    B = enum.auto()
                class Text(str, enum.Enum):
                    X = "x"
                class Outer:
                    class Inner(enum.Enum):
                        ONE = 1
                class Shape(abc.ABC):
                    @abc.abstractmethod
                    def area(self): pass
                    def make(self): return Shape
                class Square(Shape):
                    def area(self): return 4
                class Odd(numbers.Number):
                    pass
            """,
            "flow.py": """
                from http import HTTPStatus
                from prefect import Flow, task
                import kinds
                from kinds import Color, Level, Bits, Text, Outer, Shape, Square
                RED = Color.RED
                @task
                def enums():
                    assert RED is Color.RED is Color["RED"] is kinds.Color(1)
                    assert Color.RED.again() is RED and Color.RED.low == "red"
                    assert Color.default() is Color("g") and list(Color) == [RED, Color.GREEN]
                    assert Level.HIGH > Level.LOW and isinstance(Level.HIGH, int)
                    assert (Bits.A | Bits.B) & Bits.B is Bits.B and (Bits.A | Bits.B).value == 3
                    assert Text.X == "x" and repr(Outer.Inner.ONE) == "<Inner.ONE: 1>"
                    assert HTTPStatus.OK == 200 and HTTPStatus.__module__ == "http"
                    return [type(RED).__qualname__, Outer.Inner.__qualname__, Color.__module__]
                @task
                def shapes():
                    try:
                        Shape()
                    except TypeError as error:
                        abstract = "abstract" in str(error)
                    assert isinstance(Square(), Shape) and not isinstance("", Shape)
                    assert not issubclass(Shape, Square) and Square().make() is Shape
                    assert isinstance(kinds.Odd(), kinds.numbers.Number)
                    Square.register(float)
                    assert isinstance(1.0, Shape)
                    return [abstract, Square().area()]
                with Flow("kinds") as flow:
                    enums()
                    shapes()
            """,
        }
        result = self.load(files, ["flow.py"])
        names = ["Color", "Outer.Inner", "kinds"]
        self.assertEqual(self.run_flows(result)["kinds"], {"enums": names, "shapes": [True, 4]})

    def test_imports_that_nothing_resolves_are_told(self):
        files = {
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
        }
        files["other.py"] = "import flow as shared\n" + flow_text("other")
        found = [
            ("absent", ["one", "two", "other"], "flow.py", 8),
            ("absent", ["one", "two", "other"], "flow.py", 10),
            ("absent_other_reason", ["one", "two", "other"], "flow.py", 16),
            ("absent_by_call", ["one", "two", "other"], "flow.py", 19),
            ("absent_at_top", ["one", "two", "other"], "lib/late.py", 2),
            ("yet_another", ["one", "two", "other"], "lib/late.py", 8),
        ]
        for helpers in ("value", "reference"):
            result = self.load(files, ["flow.py", "other.py"], helpers)
            told = [(m["module"], m["flows"], m["file"], m["line"]) for m in result["missing"]]
            self.assertEqual(told, found)
        place = result["flows"][0]["imports"]
        self.assertEqual(place["lib.late"], {"file": "flow.py", "line": 9})
        self.assertEqual(place["prefect"], {"file": "flow.py", "line": 3})
        self.assertEqual(place["sys"], {"file": "flow.py", "line": 2})
        self.assertEqual(place["absent"], {"file": "flow.py", "line": 8})
        self.assertEqual(place["os.path"], {"file": "lib/late.py", "line": 2})
        self.assertEqual(self.load({"m.py": flow_text("a")}, ["m.py"])["missing"], [])

    def test_one_path_for_two_files(self):
        """By value when imported at the top; a conflict when imported in a function."""
        files = {"same.py": "X = 1"}
        for root in ("a", "b"):
            files[root + "/same.py"] = "X = 1"
            files[root + "/helpers.py"] = "X = %r" % root
            files[root + "/top.py"] = "import helpers, same" + flow_text("top " + root)
            files[root + "/lazy.py"] = flow_text(root) + "def f():\n    import helpers\n"
        result = self.load(files, ["a/top.py", "b/top.py"], "reference")
        self.assertEqual(result["helpers"], [{"file": "a/same.py", "path": "same.py"}])
        result = self.load(files, ["a/top.py", "b/top.py", "b/lazy.py"], "reference", ok=False)
        [found] = result["problems"]
        self.assertEqual(
            (found["code"], found["file"], found["line"]), ("NAME_CONFLICT", "b/lazy.py", 9)
        )
        self.assertIn("b/helpers.py", found["message"])

    def calling(self, name, imports, expression):
        """A flow module whose task gives an expression back, with some import lines."""
        text = flow_text(name).replace("return 1", "return " + expression)
        return imports + "\n" + text

    def values(self, result):
        return {name: results["value"] for name, results in self.run_flows(result).items()}

    def test_one_name_with_two_meanings(self):
        two = "from utils import connect"
        cases = {
            "package and module": {
                "a/utils/__init__.py": "def connect(): return 'a'",
                "b/utils.py": "def connect(): return 'b'",
                "a/flow_a.py": self.calling("a", two, "connect()"),
                "b/flow_b.py": self.calling("b", two, "connect()"),
            },
            "namespace package and module": {
                "a/utils/db.py": "def connect(): return 'a'",
                "b/utils.py": "def connect(): return 'b'",
                "a/flow_a.py": self.calling("a", "from utils.db import connect", "connect()"),
                "b/flow_b.py": self.calling("b", two, "connect()"),
            },
            "module of Python's": {
                "a/statistics.py": "def mean(values): return 'a'",
                "a/flow_a.py": self.calling("a", "from statistics import mean", "mean([1])"),
                "b/flow_b.py": self.calling(
                    "b", "from statistics import mean", "'b' if mean([2]) == 2 else 'a'"
                ),
            },
            "module of Python's in a function": {
                "a/statistics.py": "def mean(values): return 'a'",
                "a/flow_a.py": self.calling("a", "from statistics import mean", "mean([1])"),
                "b/flow_b.py": self.calling(
                    "b", "", "'b' if __import__('statistics').mean([2]) == 2 else 'a'"
                ),
            },
        }
        for what, files in cases.items():
            with self.subTest(what):
                shutil.rmtree(self.root)
                os.makedirs(self.root)
                result = self.load(files, ["a/flow_a.py", "b/flow_b.py"], "reference")
                self.assertEqual(result["helpers"], [])
                self.assertEqual(self.values(result), {"a": "a", "b": "b"})

    def test_what_is_loaded_from_elsewhere_is_not_shipped(self):
        files = {
            "prefect/__init__.py": "",
            "random.py": "",
            "helper.py": "import random, prefect\ndef f(): return random.randint(3, 3)",
            "flow.py": self.calling(
                "a", "from helper import f", "[f(), __import__('prefect').Flow.__name__]"
            ),
        }
        result = self.load(files, ["flow.py"], "reference")
        self.assertEqual(result["helpers"], [{"file": "helper.py", "path": "helper.py"}])
        self.assertEqual(self.values(result), {"a": [3, "Flow"]})

    def test_folders_that_modules_put_on_the_path(self):
        helper = "def f(): return 'helped'"
        lazily = flow_text("a").replace("return 1", "from helper import f; return f()")
        for what, line, text in [
            ("in a function", "sys.path.insert(0, os.path.abspath('lib'))", lazily),
            ("relative", "sys.path.append('lib')", None),
            ("by dots", "sys.path.insert(0, os.path.dirname(__file__) + '/../lib')", None),
        ]:
            with self.subTest(what):
                text = text or self.calling("a", "from helper import f", "f()")
                text = "import os, sys\n%s\n%s" % (line, text)
                files = {"lib/helper.py": helper, "flows/a.py": text}
                result = self.load(files, ["flows/a.py"], "reference")
                shipped = [{"file": "lib/helper.py", "path": "helper.py"}]
                self.assertEqual(result["helpers"], shipped)
                self.assertEqual(result["missing"], [])
                self.assertEqual(self.values(result), {"a": "helped"})

    def test_folders_on_the_path_are_looked_through_in_their_order(self):
        lazily = flow_text("a").replace("return 1", "import helper; return helper.FOLDER")
        for line, folder in [("insert(0, 'lib')", "lib"), ("append('lib')", "flows")]:
            files = {"%s/helper.py" % name: "FOLDER = %r" % name for name in ("flows", "lib")}
            files["flows/a.py"] = "import sys\nsys.path.%s\n%s" % (line, lazily)
            for helpers in ("value", "reference"):
                result = self.load(files, ["flows/a.py"], helpers)
                self.assertEqual(self.values(result), {"a": folder})

    def test_a_folder_elsewhere_that_a_module_put_on_the_path_is_no_help(self):
        away = os.path.join(self.folder, "away")
        self.write({"absent_in_images.py": ""}, away)
        lazily = flow_text("a").replace("return 1", "import absent_in_images")
        text = "import sys\nsys.path.append(%r)\n%s" % (away, lazily)
        result = self.load({"a.py": text}, ["a.py"])
        self.assertEqual([m["module"] for m in result["missing"]], ["absent_in_images"])

    def test_a_flow_is_one_by_whatever_path_its_module_was_found(self):
        text = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__) + '/../lib')\n"
        files = {
            "lib/shared.py": flow_text("shared"),
            "flows/a.py": text + "from shared import flow as child\n" + flow_text("a"),
        }
        result = self.load(files, ["lib/shared.py", "flows/a.py"])
        places = [(flow["name"], flow["module"]) for flow in result["flows"]]
        self.assertEqual(places, [("shared", "lib/shared.py"), ("a", "flows/a.py")])

    def test_helpers_of_a_namespace_package_run_once(self):
        files = {
            "common/settings.py": """
                import multiprocessing
                multiprocessing.set_start_method('spawn')
            """,
            "flows/a/flow_a.py": "from common import settings\n" + flow_text("a"),
            "flows/b/flow_b.py": "import common.settings\n" + flow_text("b"),
        }
        result = self.load(files, ["flows/a/flow_a.py", "flows/b/flow_b.py"], "reference")
        self.assertEqual([flow["name"] for flow in result["flows"]], ["a", "b"])

    def test_a_namespace_package_of_another_root_is_another(self):
        files = {}
        for team in "ab":
            files["%s/common/settings.py" % team] = "TEAM = %r" % team
            files["%s/flow_%s.py" % (team, team)] = self.calling(
                team, "import common.settings\nfrom common import settings", "settings.TEAM"
            )
        result = self.load(files, ["a/flow_a.py", "b/flow_b.py"], "value")
        self.assertEqual(self.values(result), {"a": "a", "b": "b"})

    def test_a_namespace_package_that_reaches_outside_keeps_nothing_of_another_root(self):
        site = os.path.join(self.root, ".venv", "site-packages")
        self.write({"common/theirs.py": ""}, site)
        for team in "ab":
            imports = "import common.theirs\nfrom common import settings"
            text = self.calling(team, imports, "settings.TEAM")
            self.write(
                {
                    "%s/common/settings.py" % team: "TEAM = %r" % team,
                    "%s/flow_%s.py" % (team, team): text,
                }
            )
        request = self.load_request(["a/flow_a.py", "b/flow_b.py"])
        result = self.result(request, PYTHONPATH=site)
        self.assertEqual(result["problems"], [])
        self.assertEqual(self.values(result), {"a": "a", "b": "b"})

    def test_functions_of_a_module_by_value_work_after_it_was_sent_on(self):
        config = "WORDS = ['x']\ndef count(): return len(WORDS)"
        body = "[len(__import__('cloudpickle').dumps(config)) > 1, config.count()]"
        files = {"config.py": config, "a.py": self.calling("a", "import config", body)}
        self.assertEqual(self.values(self.load(files, ["a.py"])), {"a": [True, 1]})

    def test_a_module_by_value_has_its_functions_globals_as_attributes(self):
        sys.path.insert(0, PYTHON)
        self.addCleanup(sys.path.remove, PYTHON)
        from flowstore_loader.pickled.shared_globals import can_share_globals

        if not can_share_globals():
            self.skipTest("this cloudpickle gives functions globals of their own")
        config = """
            BUCKET = None

            def load(environment):
                global BUCKET
                BUCKET = "bucket-" + environment

            def get():
                return BUCKET
        """
        body = "config.load('prod') or (config.BUCKET, setattr(config, 'BUCKET', 1), config.get())"
        files = {"config.py": config, "a.py": self.calling("a", "import config", body)}
        result = self.load(files, ["a.py"], "value")
        self.assertEqual(self.values(result), {"a": ["bucket-prod", None, 1]})


class TestFlowsJson(Case):
    ASKED = {"since": "0.14.13", "labelsSince": "0.14.13", "labels": ["here"]}

    def setUp(self):
        super().setUp()
        try:
            from prefect.cli import build_register  # noqa: F401
        except ImportError:
            self.skipTest("this Prefect reads no flows.json")

    def fields(self, flow):
        with open(os.path.join(self.output, flow["serialized"]), encoding="utf-8") as stream:
            return json.load(stream)

    def test_a_flow_as_prefect_serializes_it_less_its_storage(self):
        text = """
            from prefect import Flow, Parameter, task
            from prefect.run_configs import LocalRun
            from prefect.storage import Docker, Local
            @task
            def add(x, y): return x + y
            def make(name, **options):
                with Flow(name, **options) as flow:
                    add(Parameter("x", default=1.0), Parameter("y", default=10 ** 20))
                return flow
            plain = make("plain")
            own = make("own", run_config=LocalRun(labels=["b", "a"]), storage=Docker(labels=["c"]))
            quiet = make("quiet", storage=Local(add_default_labels=False))
        """
        result = self.load({"m.py": text}, ["m.py"], flows_json=self.ASKED)
        flows = {flow["name"]: self.fields(flow) for flow in result["flows"]}
        read = """
            import json, m
            for flow in (m.plain, m.own, m.quiet):
                print(json.dumps(flow.serialize(), sort_keys=True))
        """
        done = self.python(["-c", textwrap.dedent(read)], self.root)
        labels = {"plain": ["here"], "own": ["a", "b", "c", "here"], "quiet": []}
        for line in done.stdout.splitlines():
            expected = json.loads(line)
            fields = {name: json.loads(text) for name, text in flows[expected["name"]].items()}
            self.assertEqual(fields["run_config"].pop("labels"), labels[expected["name"]])
            kind = fields.pop("run_config")["type"]
            self.assertEqual(kind, "LocalRun" if expected["name"] == "own" else "UniversalRun")
            del expected["run_config"], expected["storage"]
            self.assertEqual(fields, expected)
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertIn('"default": 1.0,', flows["plain"]["parameters"])
        # What is pickled is the flow as the module made it.
        got = self.load({"m.py": text}, ["m.py"])["flows"]
        self.assertEqual([flow["serialized"] for flow in got], [None] * 3)
        self.assertEqual(self.run_flows(result)["plain"]["add"], 10**20 + 1.0)

    def test_only_for_releases_since(self):
        files = {"m.py": flow_text("a")}
        asked = dict(self.ASKED, since="99.1")
        self.assertIsNone(self.load(files, ["m.py"], flows_json=asked)["flows"][0]["serialized"])
        asked = dict(self.ASKED, labelsSince="99.1")
        [flow] = self.load(files, ["m.py"], flows_json=asked)["flows"]
        self.assertEqual(json.loads(self.fields(flow)["run_config"])["labels"], [])

    def test_what_prefect_can_not_serialize_is_told_with_the_flow_s_line(self):
        text = """
            import datetime
            from prefect import Flow, Parameter
            from prefect.run_configs import UniversalRun
            class Own(UniversalRun):
                pass
            def make(name, default):
                return Flow(name, tasks=[Parameter("x", default=default)])
            date = make("date", datetime.date(2020, 1, 1))
            nan = make("nan", float("nan"))
            keys = make("keys", {1: 1, "a": 1})
            config = Flow("config", run_config=Own())
            fine = make("fine", [1])
        """
        result = self.load({"m.py": text}, ["m.py"], flows_json=self.ASKED)
        told = [(p["code"], p["file"], p["line"]) for p in result["unregistrable"]]
        self.assertEqual(told, [("FLOW_SERIALIZE", "m.py", line) for line in (9, 10, 11, 12)])
        messages = " ".join(p["message"] for p in result["unregistrable"])
        self.assertIn('Flow "date" can\'t be serialized for `prefect register`', messages)
        self.assertIn("no schema for the flow's run_config", messages)
        self.assertTrue(result["flows"][-1]["serialized"])
        self.assertEqual(self.load({"m.py": text}, ["m.py"])["problems"], [])


class TestCheck(Case):
    def test_reads_each_flow_back(self):
        import base64

        files = {
            "m.py": flow_text("raw"),
            "n.py": """
                import helper
                from prefect import Flow, Task
                class Shipped(helper.Base):
                    pass
                flow = Flow("helped", tasks=[Shipped()])
            """,
            "helper.py": "import prefect\nclass Base(prefect.Task):\n    def run(self): pass",
        }
        result = self.load(files, ["m.py", "n.py"], "reference")
        raw, helped = (os.path.join(self.output, flow["file"]) for flow in result["flows"])
        self.write(
            {
                "envelope": json.dumps(
                    {
                        "flow": base64.b64encode(self.pickle(result["flows"][0])).decode(),
                        "versions": {},
                    }
                ),
                "exits": "c__builtin__\nexit\n(I3\ntR.",
                "list": "].",
            },
            self.folder,
        )
        paths = [
            ("raw", raw),
            ("raw", os.path.join(self.folder, "envelope")),
            ("helped", helped),
            ("renamed", raw),
            ("exits", os.path.join(self.folder, "exits")),
            ("list", os.path.join(self.folder, "list")),
            ("absent", os.path.join(self.folder, "absent")),
            ("raw", raw),
        ]
        request = {"action": "check", "flows": [dict(name=n, path=p) for n, p in paths]}
        flows = self.result(request, cwd=self.root)["flows"]
        self.assertEqual([flow["name"] for flow in flows], [name for name, _ in paths])
        oks = [flow["ok"] for flow in flows]
        self.assertEqual(oks, [True, True, False, False, False, False, False, True])
        self.assertEqual(flows[2]["missingModule"], "helper")
        self.assertEqual(flows[2]["error"], "ModuleNotFoundError: No module named 'helper'")
        self.assertIn("renamed", flows[3]["detail"] + 'holds the flow "renamed"')
        self.assertIn('holds the flow "raw"', flows[3]["error"])
        self.assertEqual(flows[4]["error"], "SystemExit: 3")
        self.assertIn("is a list, not a Flow", flows[5]["error"])
        self.assertIn("FileNotFoundError", flows[6]["error"])
        # The image's PYTHONPATH counts.
        flows = self.result(request, PYTHONPATH=self.root)["flows"]
        self.assertTrue(flows[2]["ok"], flows[2])


class SessionTest(Case):
    def session(self, requests):
        """What a session prints for requests, with its token taken for a mark; and the answers in it."""
        given = "".join(json.dumps(dict(r, protocol=4)) + "\n" for r in requests)
        done = self.python(["-c", BOOT, "session", "T"], self.folder, DELIVERY + given)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line[2:].split(" ", 1) for line in done.stdout.split("\n") if line[:2] == "T "]
        answers = []
        for code, words in lines:
            files = json.loads(words)
            content = files and files.get("result.json")
            answers.append((int(code), content and json.loads(base64.b64decode(content).decode())))
        return done.stderr, answers

    def test_a_check_in_a_session_sees_nothing_of_the_load_before_it(self):
        self.write({"helper.py": "VALUE = 1", "a.py": "import helper\n" + flow_text("a")})
        one, two = (os.path.join(self.output, name) for name in ("1", "2"))
        load = self.load_request(["a.py"], "reference", output=one)
        reads = "import sys; assert 'helper' not in sys.modules; import helper"
        self.write({"script.py": reads + "\n" + flow_text("a")})
        check = {
            "action": "check",
            "flows": [
                {"name": "a", "path": os.path.join(one, "flows", "0.pickle")},
                {"name": "a", "path": os.path.join(self.root, "script.py")},
            ],
            "output": two,
        }
        printed, answers = self.session([load, check])
        self.assertEqual([code for code, _ in answers], [0, 0], printed)
        first, second = answers[1][1]["flows"]
        self.assertTrue(first["ok"], first)
        self.assertEqual(second["missingModule"], "helper", second)

    def test_a_module_that_ends_its_process_does_not_end_the_session(self):
        self.write({"dies.py": "import os; print('last words', flush=True); os._exit(9)"})
        load = self.load_request(["dies.py"], output=os.path.join(self.output, "1"))
        probe = {"action": "probe", "folders": [], "output": os.path.join(self.output, "2")}
        printed, answers = self.session([load, probe])
        self.assertIn("last words\n\nT\n", printed)
        self.assertEqual(answers[0], (9, {}))
        self.assertEqual((answers[1][0], answers[1][1]["action"]), (0, "probe"))

    def test_what_others_print_comes_into_no_answer(self):
        text = """
            import os, subprocess, sys
            # It goes on while the answer is written; what a module starts has no way to the answers.
            noise = "import os\\nfor _ in range(20000): os.write(1, b'x' * 100); os.write(2, b'y' * 100)"
            subprocess.Popen([sys.executable, "-c", noise])
            os.write(1, b"by number")
            TEXT = "z" * 600000
        """
        self.write(
            {"a.py": textwrap.dedent(text) + flow_text("a").replace("return 1", "return TEXT")}
        )
        load = self.load_request(["a.py"], output=self.output)
        printed, answers = self.session([load])
        self.assertEqual((answers[0][0], len(answers[0][1]["flows"])), (0, 1))
        self.assertIn("by number", printed)
        self.assertEqual(printed.count("\nT\n"), 1)

    def test_large_results_stay_in_their_folder(self):
        text = "import os\nNOISE = os.urandom(1 << 20)\n" + flow_text("a")
        self.write({"a.py": text.replace("return 1", "return len(NOISE)")})
        load = self.load_request(["a.py"], output=self.output)
        _, answers = self.session([load])
        self.assertEqual(answers, [(0, None)])
        self.assertEqual(sorted(os.listdir(self.output)), ["flows", "result.json"])

    def test_a_file_that_a_module_writes_is_a_change(self):
        place = os.path.join(self.folder, "written")
        self.write({"quiet.py": flow_text("a"), "a.py": "open(%r, 'w')\n" % place + flow_text("b")})
        requests = []
        for index, module in enumerate(["quiet.py", "a.py"]):
            load = self.load_request([module], output=os.path.join(self.output, str(index)))
            # Of this machine's files only those of the test: others write all the time.
            besides = [os.path.join("/", name) for name in os.listdir("/")]
            besides.remove(os.path.join("/", self.folder.split(os.sep)[1]))
            parts = self.folder.split(os.sep)
            for depth in range(2, len(parts)):
                parent = os.sep.join(parts[:depth])
                besides += [
                    os.path.join(parent, name)
                    for name in os.listdir(parent)
                    if name != parts[depth]
                ]
            changes = {"action": "changes", "created": 0, "besides": besides + [self.output]}
            requests += [load, changes]
        _, answers = self.session(requests)
        first, second = (answers[index][1]["changed"] for index in (1, 3))
        self.assertNotIn(place, first)
        self.assertIn(place, second)

    def test_another_interpreter_than_the_expected_one_loads_nothing(self):
        self.write({"a.py": "raise Exception('imported')"})
        expected = {"python": "2.7", "machine": platform.machine(), "packages": {"prefect": "0"}}
        result = self.result(self.load_request(["a.py"], expect=expected))
        self.assertEqual([d["what"] for d in result["differences"]], ["prefect", "python"])
        self.assertEqual((result["flows"], result["problems"]), ([], []))


if __name__ == "__main__":
    unittest.main()
