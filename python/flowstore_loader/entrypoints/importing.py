"""Imports flow modules as Prefect does for an entrypoint: by path, else by the module's name."""

import contextlib
import importlib
import os
import sys

from ..module_names import is_plain_name, top_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, Iterator, List, Optional, Tuple

    from ..groups import Group
    from ..imports import Imports
    from ..repository import Repository

LOADED_BY_PATH = "__prefect_loader"
"""The beginning of Prefect's name for a module that it loads by path, if its own is taken."""


class ModuleImports:
    """The flow modules that were imported, with the entrypoints' first part of each."""

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self._names: Dict[str, str] = {}

    def place(self, file: str) -> str:
        """What an entrypoint names a module by: its path, or its dotted name."""
        return self._names.get(file) or self.repository.relative(file)

    def load(self, name: str, file: str, group: "Group", imports: "Imports") -> "types.ModuleType":
        """Imports a module; `name` is the one of `locate`."""
        try:
            with forgotten_modules(name, file, group, self.repository):
                return load_by_path(self.repository.relative(file))
        except BaseException as error:
            cause = user_error(error)
            loaded = self.load_by_name(file, group) if is_beyond_top(cause) else None
            if loaded is None:
                # Without the error of Prefect around it.
                raise cause from cause.__cause__
        self._names[file] = loaded[0]
        group.files.pop(name, None)
        group.files[loaded[0]] = file
        return loaded[1]

    def load_by_name(self, file: str, group: "Group") -> "Optional[Tuple[str, types.ModuleType]]":
        """`(dotted name, module)` of a module that has relative imports from above its folder."""
        # Prefect does not add the folder of such a module.
        sys.path[:] = [p for p in sys.path if p != os.path.dirname(file) or p in group.path[1:]]
        for name in dotted_names(file, group):
            try:
                return name, importlib.import_module(name)
            except BaseException as error:
                if not is_beyond_top(error):
                    raise
        return None


def locate(file: str, imports: "Imports", loaded: "Any" = None) -> "Tuple[str, Tuple[str, ...]]":
    """The name and the folders of a module that is loaded by path.

    The name starts with one that stands for its folder and the working directory: in such a module
    `from .helpers import x` finds both.
    """
    folder, base = os.path.split(file)
    folders = (folder, imports.repository.root)
    package = next((name for name, each in imports.beside.items() if each == folders), None)
    if package is None:
        package = f"{LOADED_BY_PATH}_{len(imports.beside)}__"
        imports.beside[package] = folders
    return f"{package}.{os.path.splitext(base)[0].replace('.', '_')}", folders


def load_by_path(path: str) -> "types.ModuleType":
    from prefect.utilities import importtools

    return importtools.load_script_as_module(path)


@contextlib.contextmanager
def forgotten_modules(
    name: str, file: str, group: "Group", repository: "Repository"
) -> "Iterator[None]":
    """Takes a module that is loaded by path out of `sys.modules` afterwards, and those in it.

    So each module is loaded as in a process of its own: with its own name, and its own neighbours.
    """
    package = name.partition(".")[0]
    before = set(sys.modules)
    try:
        yield
    finally:
        added = [each for each in list(sys.modules) if each not in before]
        own = {
            each
            for each in added
            if each.startswith(LOADED_BY_PATH)
            or (repository.module_file(sys.modules[each]) == file and "." not in each)
        }
        for each in added:
            if top_level(each) in own:
                module = sys.modules.pop(each)
                inner = each.partition(".")[2]
                known = f"{package}.{inner}" if inner else name
                if repository.owns_module(module):
                    group.modules[known] = module


def dotted_names(file: str, group: "Group") -> "List[str]":
    """The names by which a file can be imported, from the innermost folder of `sys.path` on."""
    stem = os.path.splitext(file)[0]
    found = []
    for root in sorted(group.path[1:], key=len, reverse=True):
        prefix = os.path.join(root, "")
        parts = stem[len(prefix) :].split(os.sep) if stem.startswith(prefix) else []
        if len(parts) > 1 and all(map(is_plain_name, parts)):
            found.append(".".join(parts))
    return list(dict.fromkeys(found))


def user_error(error: BaseException) -> BaseException:
    """The exception of the user's code, which Prefect wraps."""
    inner = getattr(error, "user_exc", None)
    return inner if isinstance(inner, BaseException) else error


def is_beyond_top(error: BaseException) -> bool:
    # Until Python 3.8 it is a ValueError.
    return isinstance(error, (ImportError, ValueError)) and "beyond top-level package" in str(error)
