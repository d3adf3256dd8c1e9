"""The import statements of the repository's files, resolved without importing anything."""

import ast
import collections
import contextlib
import functools
import importlib.machinery
import importlib.util
import sys

from .repository import find_module, prefixes, shipped_path


class Imports:
    """The import statements of the repository's files, resolved without importing anything."""

    def __init__(self, repository):
        self.repository = repository
        self._statements = functools.lru_cache(maxsize=None)(import_statements)
        self._find = functools.lru_cache(maxsize=None)(find_module)
        # These Python looks for nowhere: whatever the repository has by such a name isn't imported.
        self._taken = repository.foreign_names()

    def find(self, name, roots):
        """`(file, folders of its submodules)` of a module of the repository; what is not there has neither."""
        return (None, []) if name.partition(".")[0] in self._taken else self._find(name, roots)

    def resolve(self, name, roots):
        """The file of a module of the repository, or None."""
        return self.find(name, roots)[0]

    def of(self, name, file, roots, lazy_only=False):
        """`(name, file, line)` of each module of the repository that a file imports.

        With `lazy_only` just those in functions: the others ran when the module was loaded.
        """
        for statement, target in self.targets(name, file, lazy_only):
            for found in prefixes(target):
                path = self.resolve(found, roots)
                if path and path != file and self.repository.owns(path):
                    yield found, path, statement.line

    def targets(self, name, file, lazy_only=False):
        """Each import statement of a file, with the absolute dotted name that it asks for."""
        if not file.endswith(".py"):
            return
        package = shipped_path(name, file).endswith("/__init__.py")
        parents = name.split(".") if package else name.split(".")[:-1]
        for statement in self._statements(file):
            if (lazy_only and not statement.lazy) or statement.level > len(parents):
                continue
            parts = parents[: len(parents) - statement.level + 1] if statement.level else []
            target = ".".join(parts + ([statement.target] if statement.target else []))
            if target:
                yield statement, target

    def reach(self, start, roots):
        """`(name, file)` of files of the repository, of all that they import, and so on."""
        queue, reached = list(start), {}
        while queue:
            item = queue.pop(0)
            if item not in reached:
                reached[item] = True
                queue += [(name, path) for name, path, _ in self.of(*item, roots=roots)]
        return list(reached)


Statement = collections.namedtuple("Statement", "lazy guarded level target line")
GUARDS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
CHOICES = {"TYPE_CHECKING", "version_info", "platform", "find_spec"}


def import_statements(file):
    """The `Statement` of each import, `import_module` and `__import__` of a literal among them.

    The last part of a target of `from` might be a submodule or not. What is guarded need not be there.
    """
    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return []
    found = []

    def visit(node, lazy, guarded):
        if isinstance(node, ast.Import):
            targets = [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            prefix = node.module + "." if node.module else ""
            names = [node.module or "" if a.name == "*" else prefix + a.name for a in node.names]
            targets = [(node.level, name) for name in names]
        else:
            targets = called_imports(node) if isinstance(node, ast.Call) else []
        found.extend(Statement(lazy, guarded, *target, line=node.lineno) for target in targets)
        lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        guarded = guarded or is_guard(node)
        for child in ast.iter_child_nodes(node):
            visit(child, lazy, guarded)

    visit(tree, False, False)
    return found


def called_imports(call):
    """`[(level, name)]` where a call imports a module that it names by a literal."""
    function = getattr(call.func, "attr", getattr(call.func, "id", None))
    values = dict(zip(("name", "package"), call.args))
    values.update((keyword.arg, keyword.value) for keyword in call.keywords)
    name = literal_text(values.get("name"))
    if function not in ("import_module", "__import__") or not name:
        return []
    target = name.lstrip(".")
    level = len(name) - len(target)
    package = literal_text(values.get("package"))
    if function == "import_module" and level and package:
        parts = package.split(".")
        return [(0, ".".join(parts[: len(parts) - level + 1] + [target]))]
    return [(level, target)]


def literal_text(node):
    with contextlib.suppress(ValueError, TypeError):
        value = ast.literal_eval(node) if isinstance(node, ast.AST) else None
        return value if isinstance(value, str) else None


def is_guard(node):
    """Whether code does without what a statement in it can't import, or may not run it here."""
    if isinstance(node, ast.Try):
        return any(h.type is None or words(h.type) & GUARDS for h in node.handlers)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return any(words(item) & GUARDS for item in node.items)
    return isinstance(node, ast.If) and bool(words(node.test) & CHOICES)


def words(tree):
    """Names and attributes in a piece of code."""
    return {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(tree)}


def reached_by(entry, imports):
    """`(name, file)` of a flow's module and of the modules of the repository that it needs."""
    group = entry.group
    start = [item for item in group.files.items() if item[1] == entry.module_path]
    return imports.reach(start, group.roots)


def missing_imports(flows, imports, repository):
    """What functions import and nothing has: `{module, flows, file, line}` of each such statement.

    Modules of the repository that only functions import count as a whole; no module of the user's is imported.
    """
    found = {}
    for entry in flows:
        group = entry.group
        for name, file in reached_by(entry, imports):
            loaded = repository.module_file(group.modules.get(name)) == file
            for statement, target in imports.targets(name, file, lazy_only=loaded):
                package = target.partition(".")[0]
                if not statement.guarded and not is_importable(package, group.roots):
                    key = (repository.relative(file), statement.line, package)
                    names = found.setdefault(key, [])
                    names += [entry.flow.name] if entry.flow.name not in names else []
    return [
        {"module": package, "flows": names, "file": file, "line": line}
        for (file, line, package), names in sorted(found.items())
    ]


@functools.lru_cache(maxsize=None)
def is_importable(package, roots):
    if package in sys.modules or importlib.machinery.PathFinder.find_spec(package, list(roots)):
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except Exception:  # a finder of somebody else's
        return True


def import_places(entry, imports, repository):
    """Where a flow's modules first import each module, by its name; what loading runs goes first."""
    places, later = {}, []
    for name, file in reached_by(entry, imports):
        for statement, target in imports.targets(name, file):
            place = {"file": repository.relative(file), "line": statement.line}
            for found in prefixes(target):
                if statement.lazy or statement.guarded:
                    later.append((found, place))
                else:
                    places.setdefault(found, place)
    return dict(reversed(later), **places)
