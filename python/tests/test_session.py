"""A session: each request has its own process."""

import os
import textwrap

from kit import NO_CHECKS, flow_text


def test_a_check_sees_nothing_of_the_load_before_it(workspace):
    workspace.write({"helper.py": "VALUE = 1", "a.py": "import helper\n" + flow_text("a")})
    one, two = (os.path.join(workspace.output, name) for name in ("1", "2"))
    load = workspace.load_request(["a.py"], "reference", output=one)
    reads = "import sys; assert 'helper' not in sys.modules; import helper"
    workspace.write({"script.py": reads + "\n" + flow_text("a")})
    check = {
        "action": "check",
        "checks": NO_CHECKS,
        "flows": [
            {"name": "a", "path": os.path.join(one, "flows", "0.pickle"), "content": "pickle"},
            {"name": "a", "path": os.path.join(workspace.root, "script.py"), "content": "source"},
        ],
        "output": two,
    }
    printed, answers = workspace.session([load, check])
    assert [code for code, _ in answers] == [0, 0], printed
    first, second = answers[1][1]["flows"]
    assert first["ok"], first
    assert second["missingModule"] == "helper", second


def test_a_module_that_ends_its_process_does_not_end_the_session(workspace):
    workspace.write({"dies.py": "import os; print('last words', flush=True); os._exit(9)"})
    load = workspace.load_request(["dies.py"], output=os.path.join(workspace.output, "1"))
    probe = {"action": "probe", "folders": [], "output": os.path.join(workspace.output, "2")}
    printed, answers = workspace.session([load, probe])
    assert "last words\n\nT\n" in printed
    assert answers[0] == (9, {})
    assert (answers[1][0], answers[1][1]["action"]) == (0, "probe")


def test_the_remains_of_an_uninstalled_prefect_do_not_count_as_prefect(workspace):
    left = workspace.path("left")
    workspace.write({"prefect/engine/data.txt": ""}, left)
    load = workspace.load_request([], output=workspace.output)
    _, answers = workspace.session([load], flags=["-S"], PYTHONPATH=left)
    [problem] = answers[0][1]["problems"]
    assert problem["code"] == "PREFECT_NOT_FOUND"
    assert "not installed" in problem["message"]
    assert "prefect-version" in problem["hint"]


def test_the_output_of_modules_and_their_processes_gets_into_no_answer(workspace):
    text = """
        import os, subprocess, sys
        # It prints while the answer is written; a module's processes don't have that stream.
        write = "os.write(1, b'x' * 100); os.write(2, b'y' * 100)"
        noise = "import os\\nfor _ in range(20000): " + write
        subprocess.Popen([sys.executable, "-c", noise])
        os.write(1, b"by number")
        TEXT = "z" * 600000
    """
    flow = flow_text("a").replace("return 1", "return TEXT")
    workspace.write({"a.py": textwrap.dedent(text) + flow})
    load = workspace.load_request(["a.py"], output=workspace.output)
    printed, answers = workspace.session([load])
    assert (answers[0][0], len(answers[0][1]["flows"])) == (0, 1)
    assert "by number" in printed
    assert printed.count("\nT\n") == 1


def test_large_results_stay_in_their_folder(workspace):
    text = "import os\nNOISE = os.urandom(1 << 20)\n" + flow_text("a")
    workspace.write({"a.py": text.replace("return 1", "return len(NOISE)")})
    load = workspace.load_request(["a.py"], output=workspace.output)
    _, answers = workspace.session([load])
    assert answers == [(0, None)]
    assert sorted(os.listdir(workspace.output)) == ["flows", "result.json"]


def test_what_modules_leave_is_not_the_answer_to_the_next_request(workspace):
    one, two = (os.path.join(workspace.output, name) for name in ("1", "2"))
    text = f"""
        import json, os, subprocess, sys, time
        forge = '''
        import os, time
        for _ in range(1000):
            os.makedirs({two!r}, exist_ok=True)
            open({two!r} + "/result.json", "w").write("forged")
            time.sleep(0.01)
        '''
        os.makedirs({two!r})
        open({two!r} + "/result.json", "w").write("forged")
        command = [sys.executable, "-c", forge.replace("        ", "")]
        subprocess.Popen(command, start_new_session=True)
    """
    workspace.write({"a.py": textwrap.dedent(text) + flow_text("a")})
    workspace.write({"ends.py": "import os; os._exit(0)"})
    load = workspace.load_request(["a.py"], output=one)
    path = os.path.join(workspace.root, "ends.py")
    flows = [{"name": "a", "path": path, "content": "source"}]
    check = {"action": "check", "checks": NO_CHECKS, "flows": flows, "output": two}
    printed, answers = workspace.session([load, check])
    assert answers[0][0] == 0, printed
    assert answers[1] == (0, {}), printed


def paths_beside(folder):
    """The other entries of the folders above a folder."""
    beside = []
    path = folder
    while path != os.path.dirname(path):
        parent = os.path.dirname(path)
        beside += [os.path.join(parent, name) for name in os.listdir(parent)]
        beside.remove(path)
        path = parent
    return beside


def test_a_file_that_a_module_writes_is_a_change(workspace):
    written = workspace.path("written")
    workspace.write(
        {"quiet.py": flow_text("a"), "a.py": f"open({written!r}, 'w')\n" + flow_text("b")}
    )
    # Only the files of the test count: other programs write to this machine all the time.
    ignored = [*paths_beside(workspace.folder), workspace.output, workspace.streams]
    changes = {"action": "changes", "created": 0, "besides": ignored}
    requests = []
    for index, module in enumerate(["quiet.py", "a.py"]):
        output = os.path.join(workspace.output, str(index))
        requests += [workspace.load_request([module], output=output), changes]
    _, answers = workspace.session(requests)
    first, second = (answers[index][1]["changed"] for index in (1, 3))
    assert written not in first
    assert written in second


def test_variables_of_a_load_are_set_for_it_alone_and_before_prefect_reads_them(workspace):
    reads = "import os, prefect\nassert os.environ['KEY'] == 'one'\n"
    reads += "assert prefect.config.context.team == 'data'\n"
    workspace.write({"a.py": reads + flow_text("a"), "b.py": "import os\nos.environ['KEY']"})
    variables = {"KEY": "one", "PREFECT__CONTEXT__TEAM": "data"}
    outputs = [os.path.join(workspace.output, name) for name in ("1", "2")]
    first = workspace.load_request(["a.py"], variables=variables, output=outputs[0])
    second = workspace.load_request(["b.py"], output=outputs[1])
    printed, answers = workspace.session([first, second])
    assert answers[0][1]["problems"] == [], printed
    [problem] = answers[1][1]["problems"]
    assert problem["message"] == "KeyError: 'KEY'"
