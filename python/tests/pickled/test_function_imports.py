"""Modules of the repository that functions import when they run."""

import os
import shutil
import tempfile
import textwrap

from kit import flow_text

FILES = {
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
VALUES = {"run": [9, 11, [1, 2], "lib", "pkg.near", 6, "5", 1, [True] * 3], "other": 7}


def test_modules_imported_in_functions_go_by_value(workspace):
    result = workspace.load(FILES, ["pkg/flow.py"])
    assert result["helpers"] == []
    assert workspace.run_flows(result)["lazy"] == VALUES


def test_modules_imported_in_functions_of_a_flow_s_module_go_by_reference(workspace):
    files = {name: text for name, text in FILES.items() if name != "json.py"}
    # No data file is shipped: a module that reads one on import needs it in the option files.
    files["models.py"] = files["models.py"].replace("open('data').read()", "'5'")
    result = workspace.load(files, ["pkg/flow.py"], "reference")
    assert workspace.run_flows(result)["lazy"] == VALUES


def test_a_flow_without_such_functions_has_no_finder(workspace):
    [plain] = workspace.load({"plain.py": flow_text("plain")}, ["plain.py"])["flows"]
    assert b"CarriedImports" not in workspace.pickle(plain)


SEND = """
    import cloudpickle, os, pickle, subprocess, sys
    import prefect
    flow = cloudpickle.load(open(sys.argv[1], "rb"))
    [task] = flow.tasks
    content = cloudpickle.dumps(task.run)
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer)())"
    subprocess.run([sys.executable, "-c", code], input=content, check=True)
"""


def test_a_task_that_is_pickled_again_includes_what_its_functions_import(workspace):
    """As with Dask: one process reads the flow and sends the task to another, which runs it."""
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
    files = {"flow.py": text, "models.py": FILES["models.py"], "data": "5"}
    files["late.py"] = "import models\nREAD = models.READ\ndef name(): return models.__name__"
    [flow] = workspace.load(files, ["flow.py"])["flows"]
    shutil.rmtree(workspace.root)
    empty = tempfile.mkdtemp(dir=workspace.folder)
    # Many machines have a folder of that name that is not a package.
    os.mkdir(os.path.join(empty, "models"))
    path = os.path.join(workspace.output, flow["file"])
    ended = workspace.python(["-c", textwrap.dedent(SEND), path], empty)
    assert ended.stdout == "['models', '5', 'Order', '5']\n", ended.stderr
