"""The import statements of a file, read from its syntax tree."""

import ast
import functools

from .syntax import Syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple, Union

    Target = Tuple[int, str]

# Code that catches one of these errors, or tests one of these conditions, can do without a module.
IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
# Functions that import a package, or need it, to read its files.
RESOURCES = {"files", "open_text", "open_binary", "read_text", "read_binary", "get_data"}
RESOURCES |= {"resource_filename", "resource_string", "resource_stream", "PackageLoader"}
CONDITIONS = {"TYPE_CHECKING", "version_info", "platform", "find_spec"}


class ImportStatement:
    """The target of one import; `level` counts the dots of a relative one.

    `is_lazy`: it is inside a function. `is_guarded`: its module may be absent. The last part of
    a target may be a submodule, or a name in the module.
    """

    def __init__(self, is_lazy: bool, is_guarded: bool, level: int, target: str, line: int) -> None:
        self.is_lazy = is_lazy
        self.is_guarded = is_guarded
        self.level = level
        self.target = target
        self.line = line


@functools.lru_cache(maxsize=None)
def syntax_of(file: str) -> "Optional[Syntax]":
    """The syntax of a file; None if it has none."""
    try:
        with open(file, "rb") as source:
            return Syntax(ast.parse(source.read()), is_guard)
    except (OSError, SyntaxError, ValueError):
        return None


def import_statements(file: str) -> "List[ImportStatement]":
    """Each import of a file, calls that import a module by a literal name included."""
    syntax = syntax_of(file)
    return [
        ImportStatement(is_lazy, is_guarded, level, target, node.lineno)
        for node, is_lazy, is_guarded in (syntax.imports if syntax else [])
        for level, target in import_targets(node)
    ]


def import_targets(node: "Union[ast.Import, ast.ImportFrom, ast.Call]") -> "List[Target]":
    """`[(level, name)]` of the imports of a statement or a call."""
    if isinstance(node, ast.Import):
        return [(0, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        prefix = module + "." if module else ""
        names = [module if a.name == "*" else prefix + a.name for a in node.names]
        return [(node.level, name) for name in names]
    return called_targets(node)


def called_targets(call: ast.Call) -> "List[Target]":
    """`[(level, name)]` of a call that imports a module by a literal name."""
    function = function_name(call)
    if function not in RESOURCES and function not in ("import_module", "__import__"):
        return []
    values: Dict[Optional[str], ast.expr] = dict(zip(("name", "package"), call.args))
    values.update((keyword.arg, keyword.value) for keyword in call.keywords)
    name = literal_text(values.get("name"))
    if function in RESOURCES:
        first = literal_text(call.args[0]) if call.args else None
        return [(0, first)] if first and all(map(str.isidentifier, first.split("."))) else []
    if not name:
        return []
    target = name.lstrip(".")
    level = len(name) - len(target)
    package = literal_text(values.get("package"))
    if function == "import_module" and level and package:
        parts = package.split(".")
        return [(0, ".".join([*parts[: len(parts) - level + 1], target]))]
    return [(level, target)]


def name_of(node: "Any") -> "Optional[str]":
    """The name of a variable, or the last part of `a.b`."""
    return getattr(node, "attr", getattr(node, "id", None))


def function_name(call: ast.Call) -> str:
    return name_of(call.func) or ""


def literal_text(node: "Any") -> "Optional[str]":
    """The text of a string in code; None for any other expression."""
    kind = type(node).__name__
    # Until Python 3.7 it is a `Str`.
    value = getattr(node, "value" if kind == "Constant" else "s", None)
    return value if kind in ("Constant", "Str") and isinstance(value, str) else None


def is_guard(node: ast.AST) -> bool:
    """Whether the code in a statement may fail to import a module, or may not run here at all."""
    if isinstance(node, ast.Call):
        # Other functions have such names too.
        return function_name(node) in RESOURCES
    if isinstance(node, ast.Try):
        return any(h.type is None or names_in(h.type) & IMPORT_ERRORS for h in node.handlers)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return any(names_in(item) & IMPORT_ERRORS for item in node.items)
    return isinstance(node, ast.If) and bool(names_in(node.test) & CONDITIONS)


def names_in(tree: ast.AST) -> "Set[Optional[str]]":
    """Names and attributes in a piece of code."""
    return {name_of(node) for node in ast.walk(tree)}
