"""Which files of the repository a flow is made from, if its modules tell without being run."""

import ast
import functools
import os
import posixpath
import re

from .import_statements import called_targets, literal_text, name_of, syntax_of
from .module_names import prefixes
from .own_paths import own_places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple

    from .flows import FoundFlow
    from .groups import Group
    from .imports import Imports, Module
    from .syntax import Syntax

    Found = List[Tuple[int, str]]

# Names of what imports modules, or reads files, by a path that only a run tells.
IMPORTING = {"import_module", "__import__", "exec_module", "load_module", "load_source"}
IMPORTING |= {"run_path", "run_module", "import_string", "locate", "exec", "eval"}
IMPORTING |= {"spec_from_file_location", "spec_from_loader", "SourceFileLoader"}
IMPORTING |= {"SourcelessFileLoader", "FileFinder", "PathFinder", "iter_modules", "walk_packages"}
DYNAMIC = IMPORTING - {"exec", "eval"}
DYNAMIC |= {"meta_path", "path_hooks", "__path__", "__spec__", "__loader__"}
DYNAMIC |= {"getcwd", "getcwdb", "chdir", "fchdir", "curdir", "pardir"}
DYNAMIC |= {"getfile", "getsourcefile", "getmodule", "iglob", "environb"}
BARE = {"exec", "eval", "compile", "glob"}
# Those of a path; a variable may have such a name too.
OF_PATHS = {"cwd", "parent", "parents", "parts"}
ABOVE = {"parent", "dirname"}
FILE_ARGUMENT = {"Path", "PurePath", "dirname", "abspath", "realpath", "basename", "str", "fspath"}
HERE = {"Path", "PurePath", "listdir", "scandir", "walk", "abspath", "realpath", "join"}
KEYED = {"get", "pop", "setdefault"}
ENVIRONMENT = "\0environ"
MAX_LITERAL = 300


def closures(
    flows: "Iterable[FoundFlow]", groups: "Iterable[Group]", imports: "Imports"
) -> "Dict[FoundFlow, Dict[str, Any]]":
    """`{files, data, open}` of each flow: the files of its modules relative to the root.

    `data` are files and folders that the modules name by paths from their own. `open` says why
    these may not be all, or is None.
    """
    repository = imports.repository
    explained: Set[str] = set()
    loaded: Set[str] = set()
    for group in groups:
        explained.update(file for _, file in modules_from(group.files.items(), group, imports))
        modules = (repository.module_file(module) for module in group.modules.values())
        loaded.update(file for file in modules if file)
    # Something imported these by a name that no statement has: code that says so, or a library.
    unexplained = sorted(repository.relative(file) for file in loaded - explained)
    codes = (scan(file, repository.relative(file))[0] for file in explained)
    if any(name in IMPORTING for code in codes for _, name in code):
        unexplained = []
    found: Dict[FoundFlow, Dict[str, Any]] = {}
    known: Dict[Any, Tuple[Set[str], Set[str], Optional[str]]] = {}
    for flow in flows:
        key = (id(flow.group), flow.module_path)
        if key not in known:
            known[key] = files_and_reason(flow, imports)
        files, data, reason = known[key]
        why = f"no import statement explains {unexplained[0]}" if unexplained else reason
        if flow.code_path not in files:
            why = "another module makes the flow"
        relative = sorted(map(repository.relative, files))
        found[flow] = {"files": relative, "data": sorted(data), "open": why}
    return found


def files_and_reason(
    flow: "FoundFlow", imports: "Imports"
) -> "Tuple[Set[str], Set[str], Optional[str]]":
    """The files of a flow's modules, what they name beside, and why the flow may use others."""
    start = [each for each in flow.group.files.items() if each[1] == flow.module_path]
    files = {file for _, file in modules_from(start, flow.group, imports)}
    repository = imports.repository
    data: Set[str] = set()
    folders = {posixpath.dirname(repository.relative(file)) or "." for file in files}
    for file in sorted(files):
        where = repository.relative(file)
        for line, path in scan(file, where)[2]:
            place = existing(path, repository.root)
            if path != where and place not in folders:
                if place == "." or place.startswith(".."):
                    return files, set(), f"{where}:{line}: a path to what is above its folder"
                data.add(place)
    return files, data, open_ended(files, flow.group, imports)


def existing(path: str, root: str) -> str:
    """A path relative to the root, or the folder above it that there is."""
    while path and not os.path.exists(os.path.join(root, path)):
        path = posixpath.dirname(path)
    return path or "."


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
    relative = [imports.repository.relative(file) for file in files]
    folders = {path.rpartition("/")[0] for path in relative}

    def is_elsewhere(text: str) -> bool:
        if is_path_outside(text, names, folders) or is_part_of_name(text, names, folders):
            return True
        if not re.match(r"[A-Za-z_]\w*(\.\w+)+$", text):
            return False
        resolved = (imports.resolve(name, group.roots) for name in prefixes(text))
        return any(path is not None and path not in files for path in resolved)

    for file in sorted(files):
        where = imports.repository.relative(file)
        code, literals, _ = scan(file, where)
        if code:
            return f"{where}:{code[0][0]}: {code[0][1]}"
        for line, text in literals:
            if is_elsewhere(text):
                return f"{where}:{line}: {text!r}"
            if text == ENVIRONMENT and any(map(is_elsewhere, relative_values(root))):
                return f"{where}:{line}: a variable names a path"
    return None


def is_path_outside(text: str, names: "Set[str]", folders: "Set[str]") -> bool:
    """Whether a text may name a file that lies in none of the folders; `names` are in the root."""
    parts = [part for part in re.split(r"[/\\]", text) if part not in ("", ".")]
    path = "/".join(parts)
    if ".." in parts:
        return True
    is_own = any(not each or path == each or path.startswith(each + "/") for each in folders)
    return bool(parts) and parts[0] in names and not is_own


def is_part_of_name(text: str, names: "Set[str]", folders: "Set[str]") -> bool:
    """Whether a text may be the end of a computed name, such as `.yml`, of a file in the root."""
    suffix = re.search(r"\.\w{1,8}$", text)
    is_part = re.match(r"[^\w/\\]", text) or "%" in text or "{" in text
    if not suffix or not is_part or "" in folders:
        return False
    return any(name.endswith(suffix.group()) for name in names)


def relative_values(root: str) -> "List[str]":
    """The values of variables that may be paths in the repository."""
    values = (value.replace(os.path.join(root, ""), "") for value in os.environ.values())
    return [value for value in values if not os.path.isabs(value) and len(value) <= MAX_LITERAL]


@functools.lru_cache(maxsize=None)
def scan(file: str, path: str) -> "Tuple[Found, Found, Found]":
    """`([(line, dynamic code)], [(line, text)], [(line, own path)])` of a module.

    The texts may be paths or names; ENVIRONMENT stands for a use of the variables. `path` is that
    of the file, relative to the root, and the module's own paths are relative to it too.
    """
    syntax = syntax_of(file) if file.endswith(".py") else None
    if syntax is None:
        return [(1, "it can't be read as Python")], [], []
    # resolve() would follow a link.
    is_linked = os.path.realpath(file) != file
    places, nodes = ([], set()) if is_linked else own_places(syntax, path)
    return sorted(dynamic_code(syntax, nodes)), sorted(literals_in(syntax, nodes)), places


def mentions(node: "Any", names: "Set[str]") -> bool:
    return any(name_of(each) in names for each in ast.walk(node))


def dynamic_code(syntax: "Syntax", known: "Set[int]") -> "Iterator[Tuple[int, str]]":
    """`(line, name)` of what can't be followed, but for the `known` nodes of own paths."""
    for node in syntax.of(ast.Import, ast.ImportFrom):
        renamed = {alias.name for alias in node.names if alias.asname}
        for name in renamed & (DYNAMIC | BARE | ABOVE):
            yield node.lineno, name
    calls = syntax.of(ast.Call)
    for node in calls:
        if is_of_working_directory(node):
            yield node.lineno, f"{name_of(node.func)} of the working directory"
    names = syntax.of(ast.Name, ast.Attribute)
    dynamic = [node for node in names if is_dynamic(node)]
    if dynamic:
        allowed = {id(each) for node in calls + names for each in followed(node)} | known
        yield from ((n.lineno, str(name_of(n))) for n in dynamic if id(n) not in allowed)


def followed(node: ast.AST) -> "Iterator[ast.AST]":
    """The names in an expression that are not dynamic there: the own file and its folder."""
    if isinstance(node, ast.Attribute) and node.attr in ABOVE and is_own_file(node.value):
        yield node
    if not isinstance(node, ast.Call):
        return
    name = name_of(node.func)
    if called_targets(node) or (name in ABOVE and node.args and is_own_file(node.args[0])):
        yield node.func
    if name in FILE_ARGUMENT or (isinstance(node.func, ast.Name) and name == "open"):
        yield from (each for each in node.args if name_of(each) == "__file__")


def is_dynamic(node: ast.AST) -> bool:
    name = name_of(node)
    if name in DYNAMIC or name in ("dirname", "__file__"):
        return True
    if isinstance(node, ast.Name):
        return name in BARE
    return name in OF_PATHS or (name in ("split", "glob") and is_of_os(node))


def is_of_working_directory(call: ast.Call) -> bool:
    """Whether a call gets the working directory: `Path()`, `os.listdir(".")`."""
    name = name_of(call.func)
    first = literal_text(call.args[0]) if call.args else ""
    if name not in HERE or first is None or first.strip("./") != "":
        return False
    is_other = isinstance(call.func, ast.Attribute) and not is_of_os(call.func)
    return not (name in ("join", "walk") and is_other)


def is_own_file(node: ast.AST) -> bool:
    """Whether an expression is this module's file, so that its folder is the module's own."""
    return mentions(node, {"__file__"}) and not mentions(node, ABOVE)


def is_of_os(node: "Any") -> bool:
    return name_of(getattr(node, "value", None)) in ("os", "path", "glob", "pathlib")


def literals_in(syntax: "Syntax", known: "Set[int]") -> "Iterator[Tuple[int, str]]":
    """`(line, text)` of the texts in code: no docstrings, no keys of tables, no operands.

    Those of own paths are `known`.
    """
    for node in syntax.of(ast.Name, ast.Attribute):
        if name_of(node) in ("environ", "getenv"):
            yield node.lineno, ENVIRONMENT
    parents = syntax.of(ast.Expr, ast.Dict, ast.Subscript, ast.Compare, ast.Call)
    skipped = {id(each) for node in parents for each in no_paths(node)} | known
    for node in syntax.constants():
        text = literal_text(node)
        if text and id(node) not in skipped and len(text) <= MAX_LITERAL and "\n" not in text:
            yield node.lineno, text


def no_paths(node: "Any") -> "List[Any]":
    """The parts of a piece of code whose texts are no paths."""
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.Dict):
        return list(node.keys)
    if isinstance(node, ast.Subscript):
        return [node.slice, getattr(node.slice, "value", None)]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    return node.args[:1] if isinstance(node, ast.Call) and name_of(node.func) in KEYED else []
