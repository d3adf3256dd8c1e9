"""What in a module's source shows that it is for another generation of Prefect."""

import ast
import contextlib
import importlib.util
import sys

from .import_statements import import_targets, literal_text, syntax_of
from .module_names import prefixes
from .problems import problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Iterator, List, Optional, Set

    from .problems import Problem
    from .syntax import Syntax


class Sign:
    """A name that only another generation has; `is_lazy`: it is inside a function."""

    def __init__(self, line: int, text: str, of: str, is_lazy: bool) -> None:
        self.line = line
        self.text = text
        self.of = of
        """The releases that have it: "Prefect 2 and 3"."""
        self.is_lazy = is_lazy


def other_generation_problem(
    signs: "List[Sign]", file: str, detail: "Optional[str]" = None
) -> "Problem":
    sign = next((sign for sign in signs if not sign.is_lazy), signs[0])
    version = getattr(sys.modules.get("prefect"), "__version__", "")
    text = f"`{sign.text}` is of {sign.of}, and the flows are loaded with Prefect {version}."
    hint = (
        f"Leave the module out of this build with a line `!{file}` in `flows`, or set "
        "`prefect-version` to the release that it is for."
    )
    return problem("OTHER_GENERATION", text, file, sign.line, detail, hint)


def imported_signs(
    syntax: "Syntax", names: "Collection[str]", modules: "Collection[str]", of: str
) -> "Iterator[Sign]":
    """Imports of names or modules of Prefect that the installed release does not have.

    `modules` are dotted names below `prefect`. What code can do without is no sign.
    """
    for node, is_lazy, is_guarded in syntax.imports:
        if is_guarded or isinstance(node, ast.Call) or getattr(node, "level", None):
            continue
        module = getattr(node, "module", None)
        for _, target in import_targets(node):
            inner = target.partition("prefect.")[2] if target.startswith("prefect.") else ""
            is_known = inner in names or any(each in modules for each in prefixes(inner))
            if not inner or not is_known or is_there(target):
                continue
            name = target[len(module) + 1 :] if module else ""
            text = f"from {module} import {name}" if name else f"import {target}"
            yield Sign(node.lineno, text, of, is_lazy)


def is_there(target: str) -> bool:
    """Whether the installed Prefect has a module, or a name in one."""
    package, _, name = target.rpartition(".")
    # Prefect 3 answers some names with an ImportError.
    with contextlib.suppress(Exception):
        if hasattr(sys.modules.get(package), name):
            return True
        if importlib.util.find_spec(target) is not None:
            return True
    with contextlib.suppress(Exception):
        return hasattr(importlib.import_module(package), name)
    return False


def names_of(syntax: "Syntax", name: str) -> "Set[str]":
    """The variables of a module that a statement `from prefect import name` binds."""
    return {
        alias.asname or alias.name
        for node in syntax.of(ast.ImportFrom)
        for alias in node.names
        if node.module == "prefect" and not node.level and alias.name == name
    }


def is_name_of_prefect(node: "Any", name: str, variables: "Set[str]") -> bool:
    """Whether an expression is `prefect.name`, or a variable that holds it."""
    if isinstance(node, ast.Attribute):
        return node.attr == name and getattr(node.value, "id", None) == "prefect"
    return isinstance(node, ast.Name) and node.id in variables


def signs_in(file: str) -> "Optional[Syntax]":
    """The syntax of a file that may have signs; None if it never names Prefect."""
    syntax = syntax_of(file)
    if syntax is None:
        return None
    imported = (target for node, _, _ in syntax.imports for _, target in import_targets(node))
    return syntax if any(prefixes(target)[0] == "prefect" for target in imported) else None


def first_argument(call: "ast.Call") -> "Optional[str]":
    """The text that a call has as its first argument, or as `name`."""
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]
    return literal_text(given[0]) if given else None
