"""Helper modules: decides which ones are shipped as files, and which go into pickles by value."""

import importlib.machinery

from ..module_names import prefixes, shipped_path, top_level
from ..problems import problem
from .modules_by_value import names_by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Set, Tuple

    from ..groups import Group
    from ..imports import Imports
    from ..problems import Problem

    ShippedModule = Tuple[str, str, str]


class HelperPlan:
    """`shipped`: files by the path that they need. `by_value`: files that go into pickles."""

    def __init__(
        self, shipped: "Dict[str, str]", by_value: "Set[str]", problems: "List[Problem]"
    ) -> None:
        self.shipped = shipped
        self.by_value = by_value
        self.problems = problems


def plan_helpers(groups: "List[Group]", imports: "Imports") -> HelperPlan:
    """Decides for each module that flow modules import.

    Two files with the same path can't both be shipped, nor can a file if another flow module
    imports something else by its name: they go by value, and so do the modules that import them.
    Modules that such a file imports inside a function are still shipped.
    """
    by_value: Set[str] = set()
    foreign = foreign_names(groups, imports)
    while True:
        count = len(by_value)
        attempt = Attempt(imports, by_value)
        for group in groups:
            attempt.add_group(group)
        by_value |= ambiguous_files(attempt.modules, foreign)
        if len(by_value) == count:
            return HelperPlan(attempt.shipped, by_value, attempt.problems)


class Attempt:
    """A plan in which `by_value` go by value; adds the files that can't be shipped to them."""

    def __init__(self, imports: "Imports", by_value: "Set[str]") -> None:
        self.imports = imports
        self.by_value = by_value
        self.shipped: Dict[str, str] = {}
        self.modules: List[ShippedModule] = []
        self.problems: List[Problem] = []

    def add_group(self, group: "Group") -> None:
        """Adds the loaded modules of a group, and all that they import."""
        repository = self.imports.repository
        names = names_by_value(group.modules, repository, self.by_value)
        queue = [
            (name, str(repository.module_file(module)), name in names)
            for name, module in group.modules.items()
            if repository.module_file(module)
        ]
        seen = set()
        while queue:
            item = queue.pop(0)
            if item not in seen:
                seen.add(item)
                queue += self.add_module(*item, group=group)

    def add_module(
        self, name: str, file: str, goes_by_value: bool, group: "Group"
    ) -> "Iterator[Tuple[str, str, bool]]":
        """Adds a module; yields the modules that it needs as files."""
        if not goes_by_value:
            self.ship(name, file)
        imported = self.imports.modules_of(name, file, group.roots, lazy_only=goes_by_value)
        for other_name, other, line in imported:
            if other not in self.by_value:
                yield other_name, other, False
            elif goes_by_value:
                self.problems.append(self.conflict(file, other, other_name, line))
            else:
                self.by_value.add(file)

    def ship(self, name: str, file: str) -> None:
        path = shipped_path(name, file)
        self.modules.append((name, path, file))
        other = self.shipped.setdefault(path, file)
        if other != file and not has_same_content(other, file):
            self.by_value |= {other, file}

    def conflict(self, file: str, other: str, name: str, line: int) -> "Problem":
        repository = self.imports.repository
        text = (
            f"{repository.relative(file)} imports {repository.relative(other)} inside a function, "
            f"and another flow module imports something else by the same name `{name}`."
        )
        hint = "Import it at the top of the module, or rename one of the two."
        return problem("NAME_CONFLICT", text, repository.relative(file), line, hint=hint)


def ambiguous_files(modules: "List[ShippedModule]", foreign: "Set[str]") -> "Set[str]":
    """The files whose name, or the name of one of their packages, also means something else."""
    meanings: Dict[str, List[Tuple[str, str]]] = {}
    for name, path, file in modules:
        meaning_of_name = "package" if "/__init__." in path else path
        for package in prefixes(name):
            meaning = meaning_of_name if package == name else "package"
            meanings.setdefault(package, []).append((meaning, file))
    return {
        file
        for name, found in meanings.items()
        if name in foreign or len({meaning for meaning, _ in found}) > 1
        for _, file in found
    }


def foreign_names(groups: "List[Group]", imports: "Imports") -> "Set[str]":
    """Top-level names by which modules import, or have loaded, what is not the repository's."""
    names: Set[str] = set()
    for group in groups:
        names |= group.foreign
        files = [(n, imports.repository.module_file(m)) for n, m in group.modules.items()]
        start = [(name, file) for name, file in files if file]
        needed = imports.closure(start, group.roots)
        targets = [target for module in needed for _, target in imports.targets(*module)]
        packages = {top_level(target) for target in targets} - names
        names.update(package for package in packages if is_foreign(package, group, imports))
    return names


def is_foreign(package: str, group: "Group", imports: "Imports") -> bool:
    if any(imports.find(package, group.roots)):
        return False
    return importlib.machinery.PathFinder.find_spec(package) is not None


def has_same_content(one: str, other: str) -> bool:
    with open(one, "rb") as left, open(other, "rb") as right:
        return left.read() == right.read()
