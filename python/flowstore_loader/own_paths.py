"""Paths that a module builds from `__file__`, evaluated in its syntax tree."""

import ast
import posixpath
import re

from .import_statements import function_name, literal_text, name_of
from .syntax import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

    from .syntax import Syntax

    # A path, and whether it is the whole of it; else unknown names below it follow.
    Own = Tuple[str, bool]
    Read = Tuple[int, str, str, str]

# Instead of a function's name: a module reads the file while it is imported.
AT_IMPORT = "<module>"
EXPRESSIONS = (ast.Call, ast.Attribute, ast.BinOp, ast.JoinedStr, ast.Subscript)
SAME = {"resolve", "absolute", "expanduser", "as_posix"}
JOINING = {"join", "Path", "PosixPath", "PurePath", "str", "fspath", "abspath", "realpath"}
JOINING |= {"normpath", "expanduser"}
LISTING = {"listdir", "scandir", "walk", "glob", "rglob", "iglob", "iterdir", "FileSystemLoader"}
READING = {"open", "read_text", "read_bytes", "exists", "isfile", "is_file", "isdir", "is_dir"}
READING |= LISTING - {"FileSystemLoader"}
NO_READING = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "unlink", "rmdir"}
NO_READING |= {"name", "stem", "suffix", "parts", "parents", "relative_to", "relpath", "basename"}
NO_READING |= {"chdir", "addsitedir", "print", "len"}
# What is left of a path is another one.
CUTTING = {"split", "rsplit", "partition", "rpartition", "replace", "removesuffix", "sub"}
WRITING = ("to_", "write", "save", "dump")


def own_reads(syntax: "Syntax", file: str) -> "Iterator[Read]":
    """`(line, kind, path, function)` of the paths that a module builds from its `file`.

    A `file` is the file or folder `path`, but none that `file` lies in; of a `folder`, something
    below it is read. Paths are relative to the same folder as `file`. `function` is as in
    risks_of_file(), or AT_IMPORT.
    """
    for node, (text, is_whole), consumer, call in OwnPaths(syntax, file).outermost():
        if consumer in NO_READING or consumer.startswith(WRITING):
            continue
        if call and (writes(call) or changes_import_path(call)):
            continue
        path = posixpath.normpath(text)
        kind = "file" if is_whole and consumer not in LISTING else "folder"
        if kind == "file" and is_above(path, file):
            continue
        if syntax.is_lazy(node):
            name = plain_function(syntax.tree.body, node.lineno)
        else:
            name = AT_IMPORT if consumer in READING or (call and is_reader(call)) else ""
        yield node.lineno, kind, path, name


def own_places(syntax: "Syntax", file: str) -> "Tuple[List[Tuple[int, str]], Set[int]]":
    """`([(line, path)], nodes)`: the paths that a module builds from its `file`.

    It may read any file below them; `..` stands for one that is cut as a text. `nodes` are the ids
    of the names and texts that they are made of.
    """
    if not any(node.id == "__file__" for node in syntax.of(ast.Name)):
        return [], set()
    own = OwnPaths(syntax, file)
    places: List[Tuple[int, str]] = []
    cut: Set[int] = set()
    nodes: Set[int] = set()
    for node, (text, _), consumer, call in own.outermost():
        if consumer in CUTTING:
            cut.update(map(id, own.made_of(node)))
            if text not in (file, posixpath.dirname(file)):
                places.append((node.lineno, ".."))
            continue
        places.append((node.lineno, below(text)))
        if call and consumer in LISTING:
            nodes.update((id(call.func), id(getattr(call.func, "value", None))))
    for node in syntax.of(ast.Name, *EXPRESSIONS):
        nodes.update(map(id, own.made_of(node)))
    return places, (nodes | own.literals) - cut


def below(path: str) -> str:
    """The folder that a pattern searches; any other path as it is."""
    parts = posixpath.normpath(path).split("/")
    patterns = [index for index, part in enumerate(parts) if re.search(r"[*?[]", part)]
    return "/".join(parts[: patterns[0]]) or "." if patterns else "/".join(parts)


class OwnPaths:
    """Evaluates expressions of a module whose path is `file`."""

    def __init__(self, syntax: "Syntax", file: str) -> None:
        self.syntax = syntax
        self.names: Dict[str, Own] = {"__file__": (file, True)}
        self.texts: Dict[str, str] = {}
        self.values: Dict[int, Optional[Own]] = {}
        self.parts: Set[int] = set()
        """The ids of expressions that are part of a path, or that are reported."""
        self.literals: Set[int] = set()
        """The ids of texts that are part of a path."""
        bound: Dict[str, int] = {}
        loaded: Set[str] = set()
        for node in syntax.of(ast.Name, ast.arg):
            if is_loaded(node):
                loaded.add(node.id)
            else:
                name = getattr(node, "id", getattr(node, "arg", ""))
                bound[name] = bound.get(name, 0) + 1
        self.bind(syntax.of(ast.Assign, ast.AnnAssign), bound, loaded)

    def bind(self, assignments: "List[Any]", bound: "Dict[str, int]", loaded: "Set[str]") -> None:
        """Finds the variables that are always the same path or text."""
        found: Dict[str, List[Own]] = {}
        for node in assignments:
            name = getattr(getattr(node, "target", None) or node.targets[0], "id", "")
            text, value = literal_text(node.value), self.value(node.value)
            if text is not None and bound.get(name) == 1:
                self.texts[name] = text
            if name and value:
                self.names.setdefault(name, value)
                found.setdefault(name, []).append(value)
                if name in loaded:
                    # It is read where the variable is used.
                    self.parts.add(id(node.value))
        for name, values in found.items():
            if len(values) != bound.get(name) or any(value != values[0] for value in values):
                del self.names[name]
        self.values.clear()
        self.literals.clear()

    def outermost(self) -> "Iterator[Tuple[Any, Own, str, Any]]":
        """`(expression, path, what uses it, the call that does)`."""
        names = [n for n in self.syntax.of(ast.Name) if n.id in self.names and is_loaded(n)]
        lines = {node.lineno for node in names}
        # Most expressions are on one line. Before Python 3.8 they have no end.
        expressions = [
            node
            for node in self.syntax.of(*EXPRESSIONS)
            if node.lineno in lines or getattr(node, "end_lineno", None) != node.lineno
        ]
        # Finds the parts of all paths first. Calls come before the attributes that they call.
        others = [node for node in expressions if not self.value(node)]
        for node in others:
            call = node if isinstance(node, ast.Call) else None
            for each in operands(node):
                value = None if id(each) in self.parts else self.value(each)
                if value:
                    self.parts.add(id(each))
                    yield each, value, name_of(getattr(node, "func", node)) or "", call
        for node in [*expressions, *names]:
            value = None if id(node) in self.parts else self.value(node)
            if value:
                yield node, value, "", None

    def made_of(self, node: "Any") -> "List[Any]":
        """The names in a path that say which file it is: `__file__`, `dirname`, `parents`."""
        if not self.value(node) or (isinstance(node, ast.Name) and not is_loaded(node)):
            return []
        if isinstance(node, ast.Subscript):
            return [node.value, getattr(node.value, "func", None)]
        return [node, getattr(node, "func", None)]

    def value(self, node: "Any") -> "Optional[Own]":
        kind = type(node)
        if kind is ast.Name:
            return self.names.get(node.id)
        if kind not in EXPRESSIONS:
            return None
        if id(node) not in self.values:
            self.values[id(node)] = self.evaluated(node)
        return self.values[id(node)]

    def evaluated(self, node: "Any") -> "Optional[Own]":
        if isinstance(node, ast.Call):
            return self.called(node)
        if isinstance(node, ast.Attribute):
            return self.above(node.value) if node.attr == "parent" else None
        if isinstance(node, ast.Subscript):
            return self.subscript(node)
        if isinstance(node, ast.BinOp):
            combined = {ast.Div: self.joined, ast.Add: self.added}.get(type(node.op))
            return combined(node.left, [node.right]) if combined else None
        if isinstance(node, ast.JoinedStr) and node.values:
            parts = [getattr(p, "value", p) if is_formatted(p) else p for p in node.values]
            return self.added(parts[0], parts[1:])
        return None

    def called(self, call: ast.Call) -> "Optional[Own]":
        name = function_name(call)
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is not None and self.value(owner):
            if name in SAME or name == "joinpath":
                return self.joined(owner, call.args if name == "joinpath" else [])
            if name == "with_name":
                self.parts.add(id(owner))
                return self.joined(owner, [PARENT, *call.args])
        if name == "dirname" and call.args:
            return self.above(call.args[0])
        return self.joined(call.args[0], call.args[1:]) if name in JOINING and call.args else None

    def subscript(self, node: ast.Subscript) -> "Optional[Own]":
        """Of `path.parents[1]` and `os.path.split(path)[0]`."""
        index: Any = node.slice
        while index is not None and not isinstance(index, int):
            # Until Python 3.8 the number is in more than one node.
            index = getattr(index, "value", getattr(index, "n", None))
        if isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
            if index is None or not 0 <= index < 20:
                return None
            return self.joined(node.value.value, [PARENT] * (index + 1))
        is_split = isinstance(node.value, ast.Call) and function_name(node.value) == "split"
        return self.above(node.value.args[0]) if is_split and index == 0 else None  # type: ignore

    def above(self, node: ast.AST) -> "Optional[Own]":
        return self.joined(node, [PARENT])

    def joined(self, first: ast.AST, names: "List[Any]") -> "Optional[Own]":
        path, is_whole = self.value(first) or ("", False)
        texts = [self.text(name) for name in names]
        is_up = not is_whole and PARENT in names
        if not path or is_up or any(text and text.startswith("/") for text in texts):
            return None
        self.parts.add(id(first))
        self.literals.update(id(name) for name in names if self.text(name) is not None)
        for text in texts:
            is_whole = is_whole and text is not None
            path = posixpath.normpath(posixpath.join(path, text or "")) if is_whole else path
        return path, is_whole

    def added(self, first: ast.AST, others: "List[Any]") -> "Optional[Own]":
        start, is_whole = self.value(first) or ("", False)
        if not start:
            return None
        self.parts.add(id(first))
        self.literals.update(id(other) for other in others if self.text(other) is not None)
        path = start
        for text in map(self.text, others):
            if text is None and is_whole:
                is_whole, path = False, path if path == start else posixpath.dirname(path)
            path += (text or "") if is_whole else ""
        return path, is_whole

    def text(self, node: "Any") -> "Optional[str]":
        if node is PARENT or name_of(node) == "pardir":
            return ".."
        return self.texts.get(getattr(node, "id", "")) or literal_text(node)


# Stands for `..` among the nodes of a path.
PARENT = ast.Pass()


def is_above(folder: str, file: str) -> bool:
    return folder == "." or folder.endswith("..") or file.startswith(folder + "/")


def is_formatted(node: ast.AST) -> bool:
    return isinstance(node, ast.FormattedValue)


def is_loaded(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Load)


def operands(node: "Any") -> "List[Any]":
    """The object of an attribute or a call, and the arguments of a call."""
    if isinstance(node, ast.Attribute):
        return [node.value]
    if not isinstance(node, ast.Call):
        return []
    found = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    for argument in [*node.args, *(word.value for word in node.keywords)]:
        found += getattr(argument, "elts", [argument])
    return found


def plain_function(body: "List[Any]", line: int) -> str:
    """The name of the function at the top level around a line, if it has no decorator."""
    statement = [each for each in body if each.lineno <= line][-1:]
    is_plain = statement and isinstance(statement[0], FUNCTIONS[:2])
    return statement[0].name if is_plain and not statement[0].decorator_list else ""


def is_reader(call: ast.Call) -> bool:
    """Whether a library reads a file now: `pandas.read_csv`. Without a module it may be a task."""
    name = function_name(call)
    return isinstance(call.func, ast.Attribute) and name.startswith(("read_", "load", "safe_load"))


def writes(call: ast.Call) -> bool:
    """Whether `open` is called with a mode for writing."""
    if function_name(call) != "open":
        return False
    first = 0 if isinstance(call.func, ast.Attribute) and name_of(call.func.value) != "io" else 1
    modes = call.args[first : first + 1] + [w.value for w in call.keywords if w.arg == "mode"]
    return any(set(literal_text(mode) or "") & set("wax") for mode in modes)


def changes_import_path(call: ast.Call) -> bool:
    of = getattr(call.func, "value", None)
    return name_of(of) == "path" and function_name(call) in ("insert", "append")
