"""Flows as `prefect register --json` reads them."""

import json
import os
import textwrap

import pytest
from kit import flow_text

ASKED = {"since": "0.14.13", "labelsSince": "0.14.13", "labels": ["here"]}


def registration_fields(workspace, flow):
    with open(os.path.join(workspace.output, flow["serialized"]), encoding="utf-8") as stream:
        return json.load(stream)


FLOWS = """
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
SERIALIZE = """
    import json, m
    for flow in (m.plain, m.own, m.quiet):
        print(json.dumps(flow.serialize(), sort_keys=True))
"""
NAMES = ["plain", "own", "quiet"]


class TestFields:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        return shared_workspace.load({"m.py": FLOWS}, ["m.py"], flows_json=ASKED)

    @pytest.fixture(scope="class")
    def texts(self, shared_workspace, result):
        """The JSON texts of each flow's fields."""
        return {
            flow["name"]: registration_fields(shared_workspace, flow) for flow in result["flows"]
        }

    @pytest.fixture(scope="class")
    def serialized(self, shared_workspace, result):
        """Each flow as Prefect alone serializes it."""
        code = textwrap.dedent(SERIALIZE)
        ended = shared_workspace.python(["-c", code], shared_workspace.root)
        flows = [json.loads(line) for line in ended.stdout.splitlines()]
        assert len(flows) == 3
        return {flow["name"]: flow for flow in flows}

    @pytest.mark.parametrize("name", NAMES)
    def test_fields_are_those_of_prefect_without_the_storage(self, texts, serialized, name):
        fields = {field: json.loads(text) for field, text in texts[name].items()}
        expected = dict(serialized[name])
        del fields["run_config"], expected["run_config"], expected["storage"]
        assert fields == expected

    @pytest.mark.parametrize(
        ("name", "labels"), [("plain", ["here"]), ("own", ["a", "b", "c", "here"]), ("quiet", [])]
    )
    def test_labels_are_those_of_run_config_and_storage(self, texts, name, labels):
        assert json.loads(texts[name]["run_config"])["labels"] == labels

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("plain", "UniversalRun"), ("own", "LocalRun"), ("quiet", "UniversalRun")],
    )
    def test_a_flow_without_a_run_config_gets_a_universal_one(self, texts, name, kind):
        assert json.loads(texts[name]["run_config"])["type"] == kind

    def test_numbers_stay_as_they_are_written_in_python(self, texts):
        assert '"default": 1.0,' in texts["plain"]["parameters"]

    def test_the_pickle_has_the_flow_as_the_module_created_it(self, shared_workspace, result):
        assert shared_workspace.run_flows(result)["plain"]["add"] == 10**20 + 1.0


class TestReleases:
    def load(self, workspace, asked):
        files = {"m.py": flow_text("a")}
        [flow] = workspace.load(files, ["m.py"], flows_json=asked)["flows"]
        return flow

    def test_fields_are_written_only_if_they_are_requested(self, workspace):
        assert self.load(workspace, None)["serialized"] is None

    def test_a_release_before_the_first_that_reads_them_gets_none(self, workspace):
        assert self.load(workspace, dict(ASKED, since="99.1"))["serialized"] is None

    def test_a_release_before_the_first_that_adds_labels_gets_none_of_them(self, workspace):
        flow = self.load(workspace, dict(ASKED, labelsSince="99.1"))
        fields = registration_fields(workspace, flow)
        assert json.loads(fields["run_config"])["labels"] == []


BROKEN = """
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


class TestUnregistrable:
    @pytest.fixture(scope="class")
    def result(self, shared_workspace):
        return shared_workspace.load({"m.py": BROKEN}, ["m.py"], flows_json=ASKED)

    @pytest.fixture(scope="class")
    def messages(self, result):
        return " ".join(p["message"] for p in result["unregistrable"])

    def test_each_flow_that_prefect_can_not_serialize_is_reported_with_its_line(self, result):
        told = [(p["code"], p["file"], p["line"]) for p in result["unregistrable"]]
        assert told == [("FLOW_SERIALIZE", "m.py", line) for line in (9, 10, 11, 12)]

    def test_the_flow_is_named(self, messages):
        assert 'Flow "date" can\'t be serialized for `prefect register`' in messages

    def test_a_run_config_of_an_unknown_class_is_named(self, messages):
        assert "no schema for the flow's run_config" in messages

    def test_other_flows_have_their_fields(self, result):
        assert result["flows"][-1]["serialized"]

    def test_such_flows_are_no_problem_if_nothing_is_registered(self, workspace):
        assert workspace.load({"m.py": BROKEN}, ["m.py"])["problems"] == []
