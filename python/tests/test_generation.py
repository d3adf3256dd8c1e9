"""What the core knows of the generations of Prefect."""

import os
import re
import subprocess
import sys

from kit import PYTHON, loader_modules


def test_only_the_choice_of_a_generation_imports_its_package():
    importing = [
        name
        for name, text in loader_modules().items()
        if not name.startswith("flowstore_loader.pickled")
        and re.search(r"^\s*(from|import) .*\bpickled\b", text, re.MULTILINE)
    ]
    assert importing == ["flowstore_loader.generation"]


def imported_modules(name):
    """All that is imported with a module of the loader, in a process of its own."""
    code = f"import sys; sys.path.insert(0, {PYTHON!r}); import {name}; print(*sys.modules)"
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    return subprocess.check_output([sys.executable, "-S", "-c", code], env=env).decode().split()


def test_the_start_imports_no_action_and_no_generation():
    modules = imported_modules("flowstore_loader.answers")
    assert "flowstore_loader.load" not in modules
    assert "flowstore_loader.pickled" not in modules


def test_type_hints_make_no_module_import_typing():
    importing = [
        name
        for name, text in loader_modules().items()
        if re.search(r"^(from|import) typing\b", text, re.MULTILINE)
    ]
    assert importing == []
