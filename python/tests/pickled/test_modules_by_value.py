"""Helper modules inside the pickles of flows, or shipped with them."""

import json

import pytest
from kit import flow_text

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
    # It can't be pickled as a whole, so only flows that need it may include it.
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


class HelpedFlow:
    """A flow with helpers, how it was loaded, and the results of its tasks."""

    def __init__(self, workspace, mode):
        self.mode = mode
        self.result = workspace.load(PACKAGE, MODULES, mode)
        self.pickle = workspace.pickle(self.result["flows"][0])
        values = workspace.run_flows(self.result)["helped"]
        self.by_class, self.by_function = values["Class"], values["function"]


@pytest.fixture(scope="module", params=["value", "reference"])
def helped(request, shared_workspace):
    return HelpedFlow(shared_workspace, request.param)


def test_tasks_use_functions_classes_and_modules_of_helpers(helped):
    assert (helped.by_class[1:], helped.by_function[1:]) == ([6, 1], [2, True])


def test_functions_of_helpers_find_the_attributes_of_their_module(helped):
    by_class, by_function = (json.loads(v[0]) for v in (helped.by_class, helped.by_function))
    assert (by_class[:-1], by_function[:-1]) == ([2, 3, "pkg"], [2, 3, "pkg"])


def test_two_tasks_share_the_state_of_a_helper(helped):
    counts = sorted(json.loads(v[0])[-1] for v in (helped.by_class, helped.by_function))
    assert counts == [1, 2]


def test_helpers_are_shipped_only_if_they_go_by_reference(helped):
    files = ["pkg/__init__.py", "pkg/clean.py", "pkg/deep.py"] if helped.mode != "value" else []
    assert helped.result["helpers"] == [{"file": f, "path": f} for f in files]


def test_a_helper_that_is_shipped_is_not_in_the_pickle(helped):
    assert (b"STATE" in helped.pickle) == (helped.mode == "value")
