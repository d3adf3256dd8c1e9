"""Dependencies that a module declares for its storage are read without importing it."""

import pytest
from kit import fields_of

from flowstore_loader.pickled.dependencies import declared_dependencies

HEAD = "import no_such_module\nfrom prefect.storage import Docker\n"


def test_declared_dependencies_are_reported_if_a_module_can_not_be_imported(workspace):
    text = HEAD + "s = Docker(python_dependencies=['pandas>=1', 'x'])\n"
    result = workspace.load({"m.py": text}, ["m.py"], ok=False)
    assert fields_of(result["problems"], "code") == [("MODULE_IMPORT",)]
    assert result["dependencies"] == ["pandas>=1", "x"]


def dependencies(path, text, value):
    path.write_text(f"{HEAD}{text}\ns = Docker(python_dependencies={value})\n")
    return declared_dependencies([str(path)])


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("A = ['a', 'b']", "A", ["a", "b"]),
        ("A: tuple = ('c',)", "A", ["c"]),
        ("A = ['d']\nB = A + ['e']", "B + ['f']", ["d", "e", "f"]),
        ("V = 'g' + '==1'\nA = ['h', V]", "A", ["h", "g==1"]),
        ("", "('i',) + ('j',)", ["i", "j"]),
    ],
)
def test_constants_of_the_module_and_their_sums_are_read(tmp_path, text, value, expected):
    assert dependencies(tmp_path / "m.py", text, value) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A = ['k']\nA += ['l']", "A"),
        ("A = ['m']\nif A:\n    A = ['n']", "A"),
        ("A = B\nB = A", "A + ['o']"),
        ("A = list('pq')", "A"),
        ("A = B = ['r']", "A"),
        ("", "'stu'"),
        ("", "['v'] + 1"),
    ],
)
def test_values_that_are_not_constant_are_not_guessed(tmp_path, text, value):
    assert dependencies(tmp_path / "m.py", text, value) == []
