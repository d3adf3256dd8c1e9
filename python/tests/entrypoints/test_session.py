"""A session imports Prefect once, and answers loads and checks in forks."""

import os


def test_a_session_loads_and_checks_without_a_server(workspace):
    text = """
        import os, threading
        from prefect import flow
        from prefect.settings import PREFECT_API_URL
        assert threading.active_count() == 1
        @flow(description=repr((PREFECT_API_URL.value(), os.environ.get("PREFECT_API_URL"))))
        def f(): pass
    """
    workspace.write({"a.py": text})
    outputs = [os.path.join(workspace.output, name) for name in "12"]
    check = {"action": "check", "checks": {"storage": None, "serialize": False, "results": False}}
    check.update(output=outputs[1], flows=[workspace.at_entrypoint("f", "a.py:f")])
    load = workspace.load_request(["a.py"], output=outputs[0])
    environment = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "TMPDIR": workspace.folder}
    before = os.listdir(workspace.folder)
    printed, answers = workspace.session([load, check], **environment)
    assert sorted(os.listdir(workspace.folder)) == sorted([*before, "out"])
    [flow] = answers[0][1]["flows"]
    assert flow["details"]["description"] == "(None, None)", printed
    [checked] = answers[1][1]["flows"]
    assert (checked["ok"], checked["details"]) == (True, flow["details"]), checked


def test_no_release_may_start_a_server_in_a_load(workspace):
    # 3.0.0 to 3.0.10 read the first, later releases both.
    names = ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "PREFECT_SERVER_EPHEMERAL_ENABLED"]
    text = f"""
        import os
        from prefect import flow
        @flow(description=" ".join(os.environ[name] for name in {names}))
        def f(): pass
    """
    workspace.write({"a.py": text})
    load = workspace.load_request(["a.py"], output=workspace.output)
    _, answers = workspace.session([load], **dict.fromkeys(names, "true"))
    assert answers[0][1]["flows"][0]["details"]["description"] == "false false"


def test_variables_of_a_load_are_there_before_prefect_reads_them(workspace):
    text = """
        from prefect import flow
        from prefect.settings import PREFECT_LOGGING_LEVEL
        @flow(description=PREFECT_LOGGING_LEVEL.value())
        def f(): pass
    """
    workspace.write({"a.py": text})
    variables = {"PREFECT_LOGGING_LEVEL": "ERROR"}
    load = workspace.load_request(["a.py"], variables=variables, output=workspace.output)
    _, answers = workspace.session([load])
    assert answers[0][1]["flows"][0]["details"]["description"] == "ERROR"
