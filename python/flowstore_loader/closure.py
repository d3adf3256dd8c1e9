"""Which files of the repository a flow is made from, if its modules tell without being run."""

import ast
import functools
import os
import re

from .import_statements import called_targets, syntax_tree
from .module_names import prefixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple

    from .flows import FoundFlow
    from .groups import Group
    from .imports import Imports, Module

    Scan = Tuple[Optional[str], List[Tuple[int, str]]]

# Names of what imports modules, or reads files, by a path that only a run tells.
DYNAMIC = set(
    "import_module __import__ exec_module load_module load_source run_path run_module import_string "
    "spec_from_file_location spec_from_loader SourceFileLoader SourcelessFileLoader FileFinder "
    "PathFinder iter_modules walk_packages locate meta_path path_hooks __path__ __spec__ __loader__ "
    "getcwd getcwdb cwd chdir fchdir curdir pardir parents parts getfile getsourcefile getmodule "
    "iglob environb".split()
)
BARE = {"exec", "eval", "compile", "glob"}
ABOVE = {"parent", "dirname"}
FILE_ARGUMENT = {"Path", "PurePath", "dirname", "abspath", "realpath", "basename", "str", "fspath"}
HERE = {"Path", "PurePath", "listdir", "scandir", "walk", "abspath", "realpath", "join"}
KEYED = {"get", "pop", "setdefault"}
MAX_LITERAL = 300


def closures(
    flows: "Iterable[FoundFlow]", groups: "Iterable[Group]", imports: "Imports"
) -> "Dict[str, Dict[str, Any]]":
    """`{files, open}` of each flow, by its name: the files of its modules relative to the root.

    `open` says why these may not be all, or is None.
    """
    repository = imports.repository
    explained: Set[str] = set()
    loaded: Set[str] = set()
    for group in groups:
        explained.update(file for _, file in modules_from(group.files.items(), group, imports))
        modules = (repository.module_file(module) for module in group.modules.values())
        loaded.update(file for file in modules if file)
    # Something imported these by a name that no statement has.
    unexplained = sorted(repository.relative(file) for file in loaded - explained)
    found: Dict[str, Dict[str, Any]] = {}
    known: Dict[Any, Tuple[Set[str], Optional[str]]] = {}
    for flow in flows:
        key = (id(flow.group), flow.module_path)
        if key not in known:
            known[key] = files_and_reason(flow, imports)
        files, reason = known[key]
        why = f"no import statement explains {unexplained[0]}" if unexplained else reason
        if flow.location.path not in files:
            why = "another module makes the flow"
        found[flow.name] = {"files": sorted(map(repository.relative, files)), "open": why}
    return found


def files_and_reason(flow: "FoundFlow", imports: "Imports") -> "Tuple[Set[str], Optional[str]]":
    """The files of a flow's modules, and why it may use others."""
    start = [each for each in flow.group.files.items() if each[1] == flow.module_path]
    files = {file for _, file in modules_from(start, flow.group, imports)}
    return files, open_ended(files, flow.group, imports)


def modules_from(start: "Iterable[Module]", group: "Group", imports: "Imports") -> "List[Module]":
    """Modules, the packages that they are in, and all that these import."""
    modules = list(start)
    for name, _ in list(modules):
        for package in prefixes(name)[:-1]:
            file = imports.resolve(package, group.roots)
            modules += [(package, file)] if file else []
    return imports.closure(modules, group.roots)


def open_ended(files: "Set[str]", group: "Group", imports: "Imports") -> "Optional[str]":
    """Why modules may use files beside their own and those in their folders, or None."""
    root = imports.repository.root
    names = set(os.listdir(root))
    folders = {imports.repository.relative(os.path.dirname(file) + os.sep) for file in files}
    folders = {"" if folder == "" else folder.rstrip("/") for folder in folders}

    def is_elsewhere(text: str) -> bool:
        parts = [part for part in re.split(r"[/\\]", text) if part not in ("", ".")]
        path = "/".join(parts)
        if ".." in parts:
            return True
        if parts and parts[0] in names:
            own = (not f or path == f or path.startswith(f + "/") for f in folders)
            if not any(own):
                return True
        if not re.match(r"[A-Za-z_]\w*(\.\w+)+$", text):
            return False
        resolved = (imports.resolve(name, group.roots) for name in prefixes(text))
        return any(path is not None and path not in files for path in resolved)

    for file in sorted(files):
        where = imports.repository.relative(file)
        reason, literals = scan(file)
        if reason:
            return f"{where}:{reason}"
        for line, text in literals:
            if is_elsewhere(text):
                return f"{where}:{line}: {text!r}"
            if text == ENVIRONMENT and any(map(is_elsewhere, relative_values(root))):
                return f"{where}:{line}: a variable names a path"
    return None


def relative_values(root: str) -> "List[str]":
    """The values of variables that may be paths in the repository."""
    values = (value.replace(os.path.join(root, ""), "") for value in os.environ.values())
    return [value for value in values if not os.path.isabs(value) and len(value) <= MAX_LITERAL]


ENVIRONMENT = "\0environ"


@functools.lru_cache(maxsize=None)
def scan(file: str) -> "Scan":
    """`(line and name of the first dynamic code, [(line, text)])`; the texts may be paths or names.

    The text ENVIRONMENT stands for a use of the variables.
    """
    tree = syntax_tree(file) if file.endswith(".py") else None
    if tree is None:
        return "1: it can't be read as Python", []
    found = sorted(dynamic_code(tree))
    return (f"{found[0][0]}: {found[0][1]}" if found else None), literals_in(tree)


def name_of(node: "Any") -> "Optional[str]":
    return getattr(node, "attr", getattr(node, "id", None))


def mentions(node: "Any", names: "Set[str]") -> bool:
    return any(name_of(each) in names for each in ast.walk(node))


def dynamic_code(tree: ast.AST) -> "Iterator[Tuple[int, str]]":
    """`(line, name)` of what can't be followed."""
    allowed: Set[int] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            if called_targets(node):
                allowed.add(id(node.func))
            if name in FILE_ARGUMENT or (isinstance(node.func, ast.Name) and name == "open"):
                allowed.update(id(each) for each in node.args if name_of(each) == "__file__")
            if name in ABOVE and len(node.args) == 1 and is_own_file(node.args[0]):
                allowed.add(id(node.func))
            first = literal(node.args[0]) if node.args else ""
            if name in HERE and first is not None and first.strip("./") == "":
                is_other = isinstance(node.func, ast.Attribute) and not is_of_os(node.func)
                if not (name in ("join", "walk") and is_other):
                    yield line, f"{name}({first!r})"
        if isinstance(node, ast.Attribute) and node.attr in ABOVE and is_own_file(node.value):
            allowed.add(id(node))
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.asname and alias.name in DYNAMIC | BARE | ABOVE:
                    yield line, alias.name
        name = name_of(node)
        if name is None or id(node) in allowed:
            continue
        is_bare = isinstance(node, ast.Name)
        if name in DYNAMIC or name in ABOVE or name == "__file__" or (is_bare and name in BARE):
            yield line, str(name)
        elif name in ("split", "glob") and not is_bare and is_of_os(node):
            yield line, str(name)


def is_own_file(node: ast.AST) -> bool:
    """Whether an expression is this module's file, so that its folder is the module's own."""
    return mentions(node, {"__file__"}) and not mentions(node, ABOVE)


def is_of_os(node: "Any") -> bool:
    return name_of(getattr(node, "value", None)) in ("os", "path", "glob", "pathlib")


def literal(node: ast.AST) -> "Optional[str]":
    kind = type(node).__name__
    value = getattr(node, "value" if kind == "Constant" else "s", None)
    return value if kind in ("Constant", "Str") and isinstance(value, str) else None


def literals_in(tree: ast.AST) -> "List[Tuple[int, str]]":
    """`(line, text)` of the texts in code: no docstrings, no keys of tables, no operands."""
    skipped: Set[int] = set()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(id(node.value))
        elif isinstance(node, ast.Dict):
            skipped.update(id(key) for key in node.keys)
        elif isinstance(node, ast.Subscript):
            skipped.update((id(node.slice), id(getattr(node.slice, "value", None))))
        elif isinstance(node, ast.Compare):
            skipped.update(id(each) for each in [node.left, *node.comparators])
        elif isinstance(node, ast.Call) and name_of(node.func) in KEYED:
            skipped.update(id(each) for each in node.args[:1])
        if name_of(node) in ("environ", "getenv"):
            found.append((getattr(node, "lineno", 1), ENVIRONMENT))
        text = literal(node)
        if text and id(node) not in skipped and len(text) <= MAX_LITERAL and "\n" not in text:
            found.append((getattr(node, "lineno", 1), text))
    return found
