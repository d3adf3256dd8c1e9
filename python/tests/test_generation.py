"""What the core knows about the generations of Prefect."""

import os
import re
import subprocess
import sys

import pytest
from kit import PYTHON, loader_modules

from flowstore_loader.generation import generation_of


@pytest.mark.parametrize("package", ["pickled", "entrypoints"])
def test_the_package_of_a_generation_is_imported_only_when_it_is_chosen(package):
    importing = [
        name
        for name, text in loader_modules().items()
        if not name.startswith(f"flowstore_loader.{package}")
        and re.search(rf"^\s*(from|import) .*\b{package}\b", text, re.MULTILINE)
    ]
    assert importing == ["flowstore_loader.generation"]


@pytest.mark.parametrize(
    ("version", "name"),
    [("0.5.4", "PickledFlows"), ("1.4.1", "PickledFlows"), ("2.13.8", "EntrypointFlows")],
)
def test_the_generation_is_that_of_the_release(version, name):
    assert type(generation_of(version)).__name__ == name


def imported_modules(name):
    """All modules that a module of the loader imports, in a separate process."""
    code = f"import sys; sys.path.insert(0, {PYTHON!r}); import {name}; print(*sys.modules)"
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    return subprocess.check_output([sys.executable, "-S", "-c", code], env=env).decode().split()


def test_the_entry_point_imports_no_action_and_no_generation():
    modules = imported_modules("flowstore_loader.answers")
    assert "flowstore_loader.load" not in modules
    assert "flowstore_loader.pickled" not in modules
    assert "flowstore_loader.entrypoints" not in modules


def test_no_module_imports_typing_for_its_type_hints():
    importing = [
        name
        for name, text in loader_modules().items()
        if re.search(r"^(from|import) typing\b", text, re.MULTILINE)
    ]
    assert importing == []
