"""Calls in functions that fail when a flow runs elsewhere, found in syntax trees."""

import ast
import functools
import os
import re

from .import_statements import function_name, literal_text, name_of, syntax_of
from .module_names import top_level
from .own_paths import AT_IMPORT, own_reads
from .syntax import FUNCTIONS, Syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Container, Dict, Iterable, Iterator, List, Optional, Set, Tuple

    from .flows import FoundFlow
    from .imports import Imports

    Risk = Tuple[int, str, str, str]

# Only files with one of these words are parsed.
WORDS = re.compile(rb"open|Path|read|load|dir|walk|glob|subprocess|Pool")
PATHS = {"Path", "PosixPath", "PurePath"}
READERS = {"open", "FileSystemLoader", "ImageFile", "genfromtxt", "fromfile", "copy", "copyfile"}
READERS |= {"run", "call", "check_call", "check_output", "Popen", "read"}
READING = ("read_", "scan_", "load")
OF_FOLDERS = {"listdir", "scandir", "walk", "glob", "iglob", "FileSystemLoader"}
METHODS = {"open", "read_text", "read_bytes", "iterdir", "glob", "rglob"}
POOLS = {"Pool", "ProcessPoolExecutor"}
SENDING = re.compile(r"(i?map|starmap|apply)(_async|_unordered)?|submit")


def risks(
    flows: "Iterable[FoundFlow]", imports: "Imports", in_pickles: "Container[str]"
) -> "List[Dict[str, Any]]":
    """`{kind, name, flows, file, line}` of each call; `in_pickles` are files of modules there."""
    repository = imports.repository
    found: Dict[Tuple[str, int, str, str], List[str]] = {}
    for flow in flows:
        modules = [module for module in imports.modules_for(flow) if module[1].endswith(".py")]
        files = [file for _, file in modules]
        for module, file in modules:
            relative = repository.relative(file)
            for line, kind, name, function in risks_of_file(file, repository.root):
                # A module in a pickle is not imported again.
                is_left = function != AT_IMPORT if relative in in_pickles else kind != "process"
                if kind == "sent":
                    is_left = origin_of(name, module, file, flow, imports) in in_pickles
                if is_left and not runs_only_at_load(function, files):
                    shown = "process" if kind == "sent" else kind
                    found.setdefault((relative, line, shown, name), []).append(flow.name)
    return [
        {"kind": kind, "name": name, "flows": sorted(set(names)), "file": file, "line": line}
        for (file, line, kind, name), names in sorted(found.items())
    ]


def origin_of(
    name: str, module: str, file: str, flow: "FoundFlow", imports: "Imports"
) -> "Optional[str]":
    """The file of the repository that a module imports a function, `f` or `module.f`, from."""
    line = import_lines(file).get(name.partition(".")[0])
    found = imports.modules_of(module, file, flow.group.roots)
    paths = [path for _, path, imported_at in found if imported_at == line]
    return imports.repository.relative(paths[-1]) if paths else None


@functools.lru_cache(maxsize=None)
def import_lines(file: str) -> "Dict[str, int]":
    """The line of the import of each name that a module imports."""
    return {
        top_level(alias.asname or alias.name): node.lineno
        for node in syntax_or_empty(file).of(ast.Import, ast.ImportFrom)
        for alias in node.names
    }


def runs_only_at_load(function: str, files: "List[str]") -> bool:
    """Whether modules call a function of that name, and no function names it."""
    if not function:
        return False
    uses = [uses_of_names(file) for file in files]
    is_called = any(function in calls for calls, _ in uses)
    return is_called and not any(function in named for _, named in uses)


def syntax_or_empty(file: str) -> Syntax:
    return syntax_of(file) or Syntax(ast.parse(""))


@functools.lru_cache(maxsize=None)
def uses_of_names(file: str) -> "Tuple[Set[str], Set[str]]":
    """`(names that a module calls, names in its functions)`."""
    syntax = syntax_or_empty(file)
    calls = {function_name(call) for call in syntax.of(ast.Call) if not syntax.is_lazy(call)}
    names = syntax.of(ast.Name, ast.Attribute)
    return calls, {name_of(node) or "" for node in names if syntax.is_lazy(node)}


@functools.lru_cache(maxsize=None)
def risks_of_file(file: str, root: str) -> "List[Risk]":
    """`(line, kind, name, function)`.

    The name of a `path` is that of a file of the repository; of a `process` that of a function of
    the module, and of `sent` a name that may be an imported function; for `file` and `folder`, see
    own_reads(). `function` is the module's function that has the call, if it has no decorator.
    """
    with open(file, "rb") as source:
        text = source.read()
    found = list(FileReader(file, root).risks()) if WORDS.search(text) else []
    if b"__file__" in text:
        relative = os.path.relpath(file, root).replace(os.sep, "/")
        found += own_reads(syntax_or_empty(file), relative)
    return sorted(set(found))


class FileReader:
    """Reads the syntax tree of a file; paths are relative to its folder or to `root`."""

    def __init__(self, file: str, root: str) -> None:
        self.syntax = syntax_or_empty(file)
        self.tree = self.syntax.tree
        self.folders = (root, os.path.dirname(file))
        self.root = root
        self.functions = {node.name for node in self.tree.body if isinstance(node, FUNCTIONS[:2])}
        self.threads = {
            alias.asname or alias.name
            for node in self.syntax.of(ast.ImportFrom)
            for alias in node.names
            if str(node.module).endswith("dummy") or "Thread" in alias.name
        }
        self.constants: Dict[str, str] = {}
        self.constants = self.module_constants()

    def module_constants(self) -> "Dict[str, str]":
        """Variables of the module that are literal paths, and bound only once."""
        names = [node.arg for node in self.syntax.of(ast.arg)]
        for node in self.syntax.of(ast.Name):
            if not isinstance(node.ctx, ast.Load):
                names.append(node.id)
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, self.literal(node.value)
                if value is not None and names.count(name) == 1:
                    found[name] = value
        return found

    def literal(self, node: "Any") -> "Optional[str]":
        """The path that an expression is, if all its parts are literals."""
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        parts: List[Any] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = [self.literal(node.left), self.literal(node.right)]
        elif isinstance(node, ast.Call) and function_name(node) in PATHS | {"join"}:
            parts = [self.literal(argument) for argument in node.args]
        else:
            return literal_text(node)
        return os.path.join(*parts) if parts and all(parts) else None

    def risks(self) -> "Iterator[Risk]":
        inner = [node for node in self.syntax.of(ast.Call, ast.BinOp) if self.syntax.is_lazy(node)]
        reads = any(self.existing(*read) for node in inner for read in self.read_by(node))
        has_pool = any(
            isinstance(node, ast.Call) and function_name(node) in POOLS - self.threads
            for node in inner
        )
        # Most modules have neither, and need no walk through their functions.
        for function in self.syntax.outermost_functions if reads or has_pool else ():
            is_plain = function in self.tree.body and not getattr(function, "decorator_list", True)
            name = function.name if is_plain else ""
            for line, path in self.paths_in(function):
                yield line, "path", path, name
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            if any(function_name(call) in POOLS - self.threads for call in calls):
                for call in calls:
                    sent = dotted_name(call.args[0]) if call.args else ""
                    if sent and SENDING.fullmatch(function_name(call)):
                        kind = "process" if sent in self.functions else "sent"
                        yield call.lineno, kind, sent, name

    def paths_in(self, node: ast.AST) -> "Iterator[Tuple[int, str]]":
        child: Any
        for child in ast.iter_child_nodes(node):
            for value, may_be_folder in self.read_by(child):
                path = self.existing(value, may_be_folder)
                if path:
                    yield child.lineno, path
            # What is below a path from elsewhere is not below the working directory.
            if is_division(child) and self.literal(child.left) is None:
                yield from self.paths_in(child.left)
            else:
                yield from self.paths_in(child)

    def read_by(self, node: "Any") -> "Iterator[Tuple[Optional[str], bool]]":
        """`(path, whether it may be a folder)` of what an expression reads."""
        if is_division(node):
            right = self.literal(node.right)
            yield self.literal(node if right else node.left), not right
        if not isinstance(node, ast.Call):
            return
        name = function_name(node)
        if name in METHODS and isinstance(node.func, ast.Attribute):
            yield self.literal(node.func.value), "glob" in name or name == "iterdir"
        if name in PATHS:
            yield self.literal(node), False
        elif name in READERS | OF_FOLDERS or name.startswith(READING):
            first = [] if writes(node) else node.args[:1] or [word.value for word in node.keywords]
            for argument in first:
                for value in getattr(argument, "elts", [argument]):
                    yield self.literal(value), name in OF_FOLDERS

    def existing(self, path: "Optional[str]", may_be_folder: bool) -> "Optional[str]":
        """A file of the repository, by its path in it."""
        if not path or os.path.isabs(path) or "\0" in path:
            return None
        if "*" in path:
            path, may_be_folder = os.path.dirname(path.partition("*")[0]), True
        for folder in self.folders:
            found = os.path.normpath(os.path.join(folder, path))
            if not found.startswith(os.path.join(self.root, "")):
                continue
            if os.path.isfile(found) or (may_be_folder and os.path.isdir(found)):
                return os.path.relpath(found, self.root).replace(os.sep, "/")
        return None


def dotted_name(node: "Any") -> str:
    """The text of `a` or `a.b`; empty for any other expression."""
    if isinstance(node, ast.Attribute):
        before = dotted_name(node.value)
        return before and f"{before}.{node.attr}"
    return getattr(node, "id", "")


def is_division(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def writes(call: ast.Call) -> bool:
    """Whether a call of `open` has a mode for writing."""
    modes = call.args[1:2] + [word.value for word in call.keywords if word.arg == "mode"]
    return any(set(literal_text(mode) or "") & set("wax") for mode in modes)
