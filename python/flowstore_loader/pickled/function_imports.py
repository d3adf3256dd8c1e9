"""Modules of the repository that functions import at run time. They go into the pickle too."""

import contextlib
import dis
import gc
import types

from .embedded import CarriedImports, KnownPackage
from .unpicklable import can_pickle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List, Set, Tuple

    from ..flows import FoundFlow
    from ..groups import Group
    from ..imports import Imports
    from ..repository import Repository

    LinesOfFiles = Dict[str, Set[int]]


@contextlib.contextmanager
def function_imports(
    flow: "FoundFlow", imports: "Imports", by_value: bool
) -> "Iterator[CarriedImports]":
    """Gives functions of a flow's modules, as attributes, what they need to import modules.

    These are their package, for relative imports, and, if `by_value`, a finder with the modules of
    the repository. Yields the finder.
    """
    group, repository = flow.group, imports.repository
    needed = LazyImports(flow, imports)
    sources = needed.sources(imports, group) if by_value else {}
    loaded = {name: group.modules[name] for name in sources if name in group.modules}
    finder = CarriedImports(sources, loaded)
    modules = group.modules.values()
    attributes: List[Tuple[types.FunctionType, str, Any]] = []
    for function in functions_at(modules, needed.relative_lines, repository):
        attributes.append((function, "__flowstore_package__", KnownPackage(function)))
    if sources:
        for function in functions_at(modules, needed.lines, repository):
            attributes.append((function, "__flowstore_imports__", finder))
    for function, name, value in attributes:
        vars(function)[name] = value
    try:
        yield finder
    finally:
        for function, name, _ in attributes:
            del vars(function)[name]


class LazyImports:
    """The imports inside functions of a flow's modules, of modules of the repository."""

    def __init__(self, flow: "FoundFlow", imports: "Imports") -> None:
        self.lines: LinesOfFiles = {}
        """Lines of such imports, by file."""
        self.relative_lines: LinesOfFiles = {}
        """Lines of relative imports, by file."""
        self.modules: List[Tuple[str, str]] = []
        for name, file in imports.modules_for(flow):
            for statement, _ in imports.targets(name, file, lazy_only=True):
                if statement.level:
                    self.relative_lines.setdefault(file, set()).add(statement.line)
            found = imports.modules_of(name, file, flow.group.roots, lazy_only=True)
            for imported, path, line in found:
                self.lines.setdefault(file, set()).add(line)
                self.modules.append((imported, path))

    def sources(self, imports: "Imports", group: "Group") -> "Dict[str, Tuple[str, bytes]]":
        """`(file, source)` of the modules and of what they import, by name."""
        found = {}
        for name, file in imports.closure(self.modules, group.roots):
            if file.endswith(".py"):
                with open(file, "rb") as stream:
                    found[name] = (file, stream.read())
        return found


def pickle_loaded(finder: CarriedImports, dumps: "Callable[[Any], bytes]") -> None:
    """Pickles loaded modules for the finder; the others will run from source."""
    loaded, finder.loaded = finder.loaded, {}
    if not can_pickle(loaded, dumps):
        loaded = {name: module for name, module in loaded.items() if can_pickle(module, dumps)}
    if loaded:
        finder.pickled = dumps(loaded)
    finder.loaded = loaded


def functions_at(
    modules: "Iterable[types.ModuleType]", lines: "LinesOfFiles", repository: "Repository"
) -> "List[types.FunctionType]":
    """Functions of modules that have code on one of a file's lines: methods and inner ones too."""
    if not lines:
        return []
    wanted = {id(vars(m)): lines.get(str(repository.module_file(m)), set()) for m in modules}
    return [
        value
        for value in gc.get_objects()
        if type(value) is types.FunctionType
        and wanted.get(id(value.__globals__))
        and not wanted[id(value.__globals__)].isdisjoint(code_lines(value.__code__))
    ]


def code_lines(code: types.CodeType) -> "Iterator[int]":
    yield from (line for _, line in dis.findlinestarts(code))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_lines(constant)
