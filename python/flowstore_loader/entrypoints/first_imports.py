"""What most modules of a check import before anything else, so that it is imported once for all."""

import ast
import importlib
import importlib.util
import os
import sys

from ..import_statements import syntax_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

    from ..protocol import StoredFlow


def shared_imports(modules: "List[List[StoredFlow]]") -> "Tuple[List[str], List[int]]":
    """Imports that most modules begin with, and the indices of the modules that begin with all.

    Each is done by the module itself before any of its code runs, so a module can't tell whether it
    was done before. Nothing is returned if Prefect has imported it all already.
    """
    begins = [set(first_imports(flows[0])) for flows in modules]
    counts: Dict[str, int] = {}
    for names in begins:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    most = sorted(name for name, count in counts.items() if 2 * count > len(modules))
    if all(name.partition(":")[0] in sys.modules for name in most):
        return [], []
    return most, [index for index, names in enumerate(begins) if names.issuperset(most)]


def first_imports(flow: "StoredFlow") -> "Iterator[str]":
    """Installed modules that a file imports at its beginning.

    `a.b` stands for `import a.b`, and `a:b` for `from a import b`.
    """
    file = flow["entrypoint"].rpartition(":")[0]
    syntax = syntax_of(os.path.join(flow["path"], file)) if file.endswith(".py") else None
    for statement in syntax.tree.body if syntax else []:
        names = imported_names(statement)
        if names is None or not all(is_installed(name, flow["path"]) for name in names):
            return
        yield from names


def imported_names(statement: "Any") -> "Optional[List[str]]":
    """The names of an import; none for a docstring; None for a statement that runs other code."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom) and statement.level == 0:
        if statement.module == "__future__":
            return []
        return [f"{statement.module}:{alias.name}" for alias in statement.names]
    is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return [] if is_docstring else None


def is_installed(name: str, project: str) -> bool:
    """Whether a module is one of Python or of a package, and not of the project."""
    top = name.partition(":")[0].partition(".")[0]
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = [*(spec.submodule_search_locations or []), spec.origin or ""]
    return not any(is_below(place, project) for place in places)


def is_below(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def import_all(names: "List[str]") -> None:
    """Imports modules; a module that needs one that fails says so itself."""
    for name in names:
        module, _, attribute = name.partition(":")
        try:
            imported = importlib.import_module(module)
            if attribute not in ("", "*") and not hasattr(imported, attribute):
                importlib.import_module(f"{module}.{attribute}")
        except (Exception, SystemExit):
            continue
