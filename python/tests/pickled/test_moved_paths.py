"""Paths of the repository in pickles, which become those of its files in the image."""

import datetime
import os
import pickle
import pickletools

from kit import flow_text

from flowstore_loader.pickled.moved_paths import FRAME, STRINGS, strings_and_frames

CARRIED = "/opt/flowstore/repository-files"

FLOW = """
    import os
    from pathlib import Path
    from prefect import Flow, task
    from etl import settings

    HERE = Path(__file__).parent
    SQL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql")
    OTHERS = {"up": [HERE.parent / "up.sql"], "text": f"sh {HERE}/job.sh -n"}

    @task
    def value(path, data=HERE / "data.json"):
        return [__file__, str(HERE), SQL, str(OTHERS["up"][0]), OTHERS["text"],
                str(path), str(data), str(settings.BASE)]

    with Flow("paths") as flow:
        value(str(HERE))
"""
FILES = {
    "flows/a.py": FLOW,
    "etl/__init__.py": "",
    "etl/settings.py": "from pathlib import Path\nBASE = Path(__file__).parent",
}


def test_paths_of_the_repository_become_those_in_the_image(workspace):
    files = dict(FILES, **{"flows/a.py": FLOW.replace("settings.BASE", "BASE")})
    files["flows/a.py"] = files["flows/a.py"].replace(
        "from etl import settings", "from etl.settings import BASE"
    )
    workspace.write(files)
    request = workspace.load_request(["flows/a.py"], "reference", carriedTo=CARRIED)
    result = workspace.result(request)
    assert result["problems"] == []
    assert result["inPickles"] == ["flows/a.py"]
    assert workspace.values(result)["paths"] == [
        CARRIED + "/flows/a.py",
        CARRIED + "/flows",
        CARRIED + "/flows/sql",
        CARRIED + "/up.sql",
        "sh " + CARRIED + "/flows/job.sh -n",
        CARRIED + "/flows",
        CARRIED + "/flows/data.json",
        CARRIED + "/etl",
    ]
    assert workspace.root.encode() not in workspace.pickle(result["flows"][0])


def test_other_paths_that_have_the_same_text_stay(workspace):
    text = """
        from prefect import Flow, task
        OTHERS = [__file__ + "x", "/mnt" + {root!r}, {root!r} + "-old", "x" * 300 + {root!r}]
        @task
        def value():
            return OTHERS[1:3]
        with Flow("others") as flow:
            value()
    """
    workspace.write({"a.py": text.format(root=workspace.root)})
    request = workspace.load_request(["a.py"], "reference", carriedTo=CARRIED)
    values = workspace.values(workspace.result(request))
    assert values["others"] == ["/mnt" + workspace.root, workspace.root + "-old"]


def test_a_pickle_stays_as_it_is_if_its_modules_ask_for_no_path(workspace):
    workspace.write({"a.py": flow_text("plain")})
    request = workspace.load_request(["a.py"], "reference", carriedTo=CARRIED)
    content = workspace.pickle(workspace.result(request)["flows"][0])
    assert os.path.join(workspace.root, "a.py").encode() in content
    assert CARRIED.encode() not in content


def test_paths_stay_if_no_files_are_carried(workspace):
    result = workspace.load(FILES, ["flows/a.py"])
    assert sorted(result["inPickles"]) == ["etl/__init__.py", "etl/settings.py", "flows/a.py"]
    assert workspace.values(result)["paths"][0] == os.path.join(workspace.root, "flows/a.py")


def test_flow_modules_without_a_flow_that_others_import_are_in_pickles(workspace):
    files = {
        "flows/a.py": "import near\nfrom flows import named\n" + flow_text("a"),
        "flows/near.py": "import far, outside",
        "far.py": "",
        "outside.py": "",
        "flows/named.py": "",
        "flows/alone.py": "",
    }
    asked = [{"file": file, "explicit": False} for file in files if file != "outside.py"]
    result = workspace.load(files, asked, "reference")
    assert result["inPickles"] == ["far.py", "flows/a.py", "flows/named.py", "flows/near.py"]
    assert [helper["file"] for helper in result["helpers"]] == ["outside.py"]


def test_the_strings_of_a_pickle_are_found_as_pickletools_finds_them():
    numbers = [1.5, -1, 300, 70000, 2**80, 2**9000, True, None]
    texts = ["", "x" * 300, "\u00e9\ud800", b"x" * 300, bytearray(b"x")]
    value = [numbers, texts, {1, 2}, frozenset([3]), datetime.date.today(), os.path.join]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps([value, value], protocol)
        opcodes = list(pickletools.genops(content))
        ends = [start for _, _, start in opcodes[1:]]
        expected = [
            (ord(opcode.code), start, end)
            for (opcode, _, start), end in zip(opcodes, ends)
            if ord(opcode.code) in STRINGS or ord(opcode.code) == FRAME
        ]
        found = strings_and_frames(content)
        assert [(code, start, end) for code, start, _, end in found] == expected
