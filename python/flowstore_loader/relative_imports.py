"""Why a relative import can't work, and what to write instead."""

import os
import re

from .module_names import is_package_folder, is_plain_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Optional, Tuple

    from .repository import Repository

STATEMENT = re.compile(r"from\s+(\.+)\s*([\w.]*)\s+import\s+(.+)$")


def relative_import_hint(
    error: BaseException, file: str, text: str, roots: "Iterable[str]", repository: "Repository"
) -> "Optional[str]":
    """The hint for a relative import in a folder that is no package; None for any other error.

    `text` is the statement in the file that raised the error.
    """
    # Until Python 3.8 an import beyond the top-level package is a ValueError.
    is_relative = "attempted relative import" in str(error)
    statement = STATEMENT.match(text.split("#")[0].strip())
    if not is_relative or not isinstance(error, (ImportError, ValueError)) or not statement:
        return None
    dots, module, names = statement.groups()
    names = "..." if names.startswith("(") else names
    folder = blamed = os.path.dirname(file)
    for _ in dots[1:]:
        if is_package_folder(blamed) and blamed != repository.root:
            blamed = os.path.dirname(blamed)
        folder = os.path.dirname(folder)
    cause, remedy = cause_and_remedy(blamed, repository)
    absolute = absolute_import(folder, module, names, roots, repository)
    instead = f"write `{absolute}`" if absolute else "import it without the dots"
    return f"{cause}: {remedy}{instead}."


def cause_and_remedy(folder: str, repository: "Repository") -> "Tuple[str, str]":
    shown = repository.relative(folder)
    if folder == repository.root:
        return "The working directory is no package, so relative imports don't work in it", ""
    if os.path.isfile(os.path.join(folder, "__init__.py")):
        cause = f"A folder with a `.` in its name, as `{shown}`, can't be a package"
        return f"{cause}, so relative imports don't work in it", "rename it, or "
    cause = f"The folder `{shown}` is no package, so relative imports don't work in it"
    return cause, f"add `{shown}/__init__.py`, or "


def absolute_import(
    folder: str, module: str, names: str, roots: "Iterable[str]", repository: "Repository"
) -> "Optional[str]":
    """The statement that imports the same from a folder; None if none can."""
    parts = [module] if module else []
    if folder not in roots:
        if not folder.startswith(repository.prefix):
            return None
        parts = repository.relative(folder).split("/") + parts
        if not all(map(is_plain_name, ".".join(parts).split("."))):
            return None
    return f"from {'.'.join(parts)} import {names}" if parts else f"import {names}"
