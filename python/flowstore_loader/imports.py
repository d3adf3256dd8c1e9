"""The imports of the repository's files, resolved without importing anything."""

import functools
import importlib.machinery
import importlib.util
import os
import sys

from .import_statements import import_statements
from .module_names import find_module, prefixes, shipped_path, top_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

    from .flows import FoundFlow
    from .groups import Group
    from .import_statements import ImportStatement
    from .repository import Repository

    Module = Tuple[str, str]
    Roots = Tuple[str, ...]


class Imports:
    """The imports of the repository's files. A module is `(name, file)`, `roots` its `sys.path`."""

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self._statements = functools.lru_cache(maxsize=None)(import_statements)
        self._find = functools.lru_cache(maxsize=None)(find_module)
        self._direct = functools.lru_cache(maxsize=None)(self._direct_imports)
        self.beside: Dict[str, Roots] = {}
        """Names that stand for packages, with the folders of their modules.

        Prefect 2 and 3 make a package of a module that they load by its path.
        """
        self._needed: Dict[Tuple[Group, str, Roots], List[Module]] = {}
        # Python finds these in `sys.modules`, even if the repository has such a name.
        self._taken = repository.foreign_names(repository.loaded_modules())

    def find(self, name: str, roots: "Roots") -> "Tuple[Optional[str], List[str]]":
        """`(file, folders of its submodules)` of a module of the repository; see find_module()."""
        package, _, inner = name.partition(".")
        if package in self.beside:
            return self._find(inner, self.beside[package]) if inner else (None, [])
        return (None, []) if top_level(name) in self._taken else self._find(name, roots)

    def resolve(self, name: str, roots: "Roots") -> "Optional[str]":
        """The file of a module of the repository, or None."""
        return self.find(name, roots)[0]

    def modules_of(
        self, name: str, file: str, roots: "Roots", lazy_only: bool = False
    ) -> "Iterator[Tuple[str, str, int]]":
        """`(name, file, line)` of each module of the repository that a module imports.

        With `lazy_only` only imports inside functions: the others ran when the module was loaded.
        """
        for statement, target in self.targets(name, file, lazy_only):
            for found in prefixes(target):
                path = self.resolve(found, roots)
                if path and path != file and self.repository.owns(path):
                    yield found, path, statement.line

    def targets(
        self, name: str, file: str, lazy_only: bool = False
    ) -> "Iterator[Tuple[ImportStatement, str]]":
        """Each import statement of a module, with the absolute dotted name that it asks for."""
        if not file.endswith(".py"):
            return
        is_package = shipped_path(name, file).endswith("/__init__.py")
        parents = name.split(".") if is_package else name.split(".")[:-1]
        for statement in self._statements(file):
            if (lazy_only and not statement.is_lazy) or statement.level > len(parents):
                continue
            parts = parents[: len(parents) - statement.level + 1] if statement.level else []
            target = ".".join([*parts, statement.target] if statement.target else parts)
            if target:
                yield statement, target

    def closure(self, start: "Iterable[Module]", roots: "Roots") -> "List[Module]":
        """Modules of the repository, the modules that they import, and so on."""
        queue = list(start)
        reached = dict.fromkeys(queue)
        # The list grows while it is read.
        for module in queue:
            for imported in self._direct(*module, roots):
                if imported not in reached:
                    reached[imported] = None
                    queue.append(imported)
        return list(reached)

    def _direct_imports(self, name: str, file: str, roots: "Roots") -> "List[Module]":
        found = self.modules_of(name, file, roots)
        return list(dict.fromkeys((imported, path) for imported, path, _ in found))

    def modules_for(self, flow: "FoundFlow") -> "List[Module]":
        """A flow's module and the modules of the repository that it needs."""
        key = (flow.group, flow.module_path, flow.group.roots)
        if key not in self._needed:
            start = [module for module in flow.group.files.items() if module[1] == flow.module_path]
            self._needed[key] = self.closure(start, flow.group.roots)
        return self._needed[key]


def missing_imports(flows: "Iterable[FoundFlow]", imports: Imports) -> "List[Dict[str, Any]]":
    """Imports in functions that would fail: `{module, flows, file, line}` of each statement.

    In modules of the repository that only functions import, all statements count.
    """
    found: Dict[Tuple[str, int, str], List[str]] = {}
    for flow in flows:
        for key in missing_imports_of(flow, imports):
            names = found.setdefault(key, [])
            if flow.name not in names:
                names.append(flow.name)
    return [
        {"module": package, "flows": names, "file": file, "line": line}
        for (file, line, package), names in sorted(found.items())
    ]


def missing_imports_of(flow: "FoundFlow", imports: Imports) -> "Iterator[Tuple[str, int, str]]":
    """`(file, line, package)` of each statement."""
    group, repository = flow.group, imports.repository
    for name, file in imports.modules_for(flow):
        is_loaded = repository.module_file(group.modules.get(name)) == file
        for statement, target in imports.targets(name, file, lazy_only=is_loaded):
            package = top_level(target)
            if statement.is_guarded or package in imports.beside:
                continue
            if not is_importable(package, group.roots):
                yield repository.relative(file), statement.line, package


def left_out_imports(
    flows: "Iterable[FoundFlow]", imports: Imports, left_out: "Iterable[str]"
) -> "List[Dict[str, Any]]":
    """Imports of files that the load does not see: `{path, flows, file, line}` of each.

    Code may do without them, or import them only when a flow runs.
    """
    known, repository = set(left_out), imports.repository
    found: Dict[Tuple[str, int, str], List[str]] = {}
    for flow in flows if known else ():
        for name, file in imports.modules_for(flow):
            for statement, target in imports.targets(name, file):
                for module in prefixes(target):
                    if imports.resolve(module, flow.group.roots):
                        continue
                    for base in (os.path.join(r, *module.split(".")) for r in flow.group.roots):
                        for end in (".py", os.sep + "__init__.py"):
                            path = repository.relative(base + end)
                            if path in known:
                                key = (repository.relative(file), statement.line, path)
                                names = found.setdefault(key, [])
                                names += [flow.name] if flow.name not in names else []
    return [
        {"path": path, "flows": names, "file": file, "line": line}
        for (file, line, path), names in sorted(found.items())
    ]


@functools.lru_cache(maxsize=None)
def is_importable(package: str, roots: "Roots") -> bool:
    if package in sys.modules or importlib.machinery.PathFinder.find_spec(package, list(roots)):
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except Exception:  # somebody else's finder
        return True


def first_imports(flow: "FoundFlow", imports: Imports) -> "Dict[str, Dict[str, Any]]":
    """File and line where a flow's modules first import each module, by its name.

    An import that runs when the flow is loaded is preferred to one that may not run.
    """
    found: Dict[str, Dict[str, Any]] = {}
    others: Dict[str, Dict[str, Any]] = {}
    for name, file in imports.modules_for(flow):
        for statement, target in imports.targets(name, file):
            position = {"file": imports.repository.relative(file), "line": statement.line}
            chosen = others if statement.is_lazy or statement.is_guarded else found
            for module in prefixes(target):
                chosen.setdefault(module, position)
    return dict(others, **found)
