"""A start runs the command of a package in a process of its own."""

import prefect

LIMITS = {"seconds": 600, "memory": None, "processes": 512, "inContainer": False}


def started(workspace, *command):
    return workspace.result({"action": "start", "command": command, "limits": LIMITS})


def test_a_command_that_starts_ends_with_zero(workspace):
    result = started(workspace, "prefect", "version")
    assert (result["exitCode"], prefect.__version__ in result["printed"]) == (0, True)


def test_a_command_that_fails_gives_its_code_and_both_streams(workspace):
    result = started(workspace, "prefect", "no-such-command")
    assert result["exitCode"] not in (0, None)
    assert "no-such-command" in result["printed"]


def test_a_command_whose_module_cannot_be_imported_gives_the_traceback(workspace):
    info = "acme-1.dist-info"
    files = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1\n",
        f"{info}/entry_points.txt": "[console_scripts]\nacme = acme_cli:main\n",
        "acme_cli.py": "import no_such_module\n",
    }
    folder = workspace.path("packages")
    workspace.write(files, folder)
    request = {"action": "start", "command": ["acme"], "limits": LIMITS}
    result = workspace.result(request, PYTHONPATH=folder)
    assert result["exitCode"] == 1
    assert "No module named 'no_such_module'" in result["printed"]
