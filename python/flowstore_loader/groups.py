"""Groups of flow modules that are imported with one `sys.path`."""

import os
import sys

from .imports import is_importable
from .module_names import is_package_folder, is_plain_name, prefixes, top_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Container, Dict, List, Set, Tuple

    from .generation import Generation
    from .imports import Imports
    from .repository import Repository

    Member = Tuple[int, Dict[str, Any], str]
    Roots = Tuple[str, ...]


class Group:
    """The flow modules of one import root; `own_folders` are first on their `sys.path`."""

    def __init__(self, own_folders: "Roots", repository: "Repository") -> None:
        self.own_folders = own_folders
        self.path = path_with(own_folders, repository)
        """The folders of the repository that are on `sys.path` when a module is imported."""
        self.roots = self.path
        """`path`, and the folders that the modules themselves add."""
        self.files: Dict[str, str] = {}
        """The file of each flow module, by its name."""
        self.modules: Dict[str, types.ModuleType] = {}
        """The repository's modules in `sys.modules` after the group was loaded."""
        self.foreign: Set[str] = set()
        """Top-level names of other modules there."""

    def accepts(self, own_folders: "Roots", name: str, file: str) -> bool:
        return self.own_folders == own_folders and self.files.get(name, file) == file

    def add_roots(self, repository: "Repository") -> None:
        """Adds the repository's folders that a module has added to `sys.path`, in their order."""
        folders = [repository.path(folder) for folder in sys.path if isinstance(folder, str)]
        owned = [folder for folder in folders if repository.owns(os.path.join(folder, ""))]
        first = owned.index(self.path[0]) if self.path[0] in owned else 0
        self.roots = tuple(dict.fromkeys(owned[:first] + list(self.roots) + owned[first:]))


def path_with(own_folders: "Roots", repository: "Repository") -> "Roots":
    """The folders of the repository that are on `sys.path`: own folders first."""
    root, src = repository.root, os.path.join(repository.root, "src")
    folders = [*own_folders, *repository.import_roots, root]
    folders += [src] if os.path.isdir(src) else []
    return tuple(dict.fromkeys(folders))


def grouped(
    requests: "List[Dict[str, Any]]", imports: "Imports", generation: "Generation"
) -> "List[Tuple[Group, List[Member]]]":
    """`[(group, [(index, request, name)])]`, import roots in the order of the requests."""
    groups: List[Tuple[Group, List[Member]]] = []
    repository = imports.repository
    loaded = repository.loaded_modules()
    for index, request in enumerate(requests):
        file = repository.path(request["file"])
        name, own_folders = generation.locate(file, imports, loaded)
        accepting = [each for each in groups if each[0].accepts(own_folders, name, file)]
        if not accepting:
            accepting = [(Group(own_folders, repository), [])]
            groups += accepting
        group, members = accepting[0]
        group.files[name] = file
        members.append((index, request, name))
    return groups


def locate(file: str, repository: "Repository", loaded: "Container[str]") -> "Tuple[str, Roots]":
    """`(dotted name, folders that are first on `sys.path`)` of a flow module.

    The name begins at the outermost package, whose folder is the import root. `prefect build` runs
    a module by its path: its neighbours can be imported by their own names. So they can here if no
    import statement can name their package, or if imports_neighbours().

    A leading part is left out if a module of that name is imported and is not one of the
    repository's `loaded` ones. So a folder named `prefect` neither hides the package nor is hidden.
    """
    folder, base = os.path.split(file)
    stem = os.path.splitext(base)[0].replace(".", "_")
    parts = [stem]
    beside = folder
    tops = [repository.root, *repository.import_roots]
    while is_package_folder(folder) and folder not in tops:
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if stem == "__init__" and len(parts) > 1:
        parts.pop()
    while len(parts) > 1 and parts[0] in sys.modules and parts[0] not in loaded:
        folder = os.path.join(folder, parts.pop(0))
    while parts[0] in sys.modules and parts[0] not in loaded:
        parts[0] += "_"
    is_named = all(map(is_plain_name, parts[:-1]))
    return ".".join(parts), (folder,) if is_named else (beside, folder)


def imports_neighbours(name: str, file: str, own_folders: "Roots", imports: "Imports") -> bool:
    """Whether a module of a package, or one that it imports, needs the module's folder on the path.

    So it is if an import statement names a neighbour by its own name, which nothing else has.
    """
    beside = os.path.dirname(file)
    roots = path_with(own_folders, imports.repository)
    if beside in roots:
        return False
    for module in imports.closure([(name, file)], (*roots, beside)):
        for statement, target in imports.targets(*module):
            if statement.level or statement.is_guarded:
                continue
            is_beside = any(imports.resolve(found, (beside,)) for found in prefixes(target))
            if is_beside and not is_importable(top_level(target), roots):
                return True
    return False


def drop_stale_modules(group: Group, previous: Group, imports: "Imports") -> None:
    """Drops modules that differ with the group's `sys.path`, and the modules that import them."""
    loaded = imports.repository.loaded_modules()
    packages = stale_packages(group, previous, imports, loaded)
    for name, module in loaded.items():
        if top_level(name) in packages:
            del sys.modules[name]
            # A namespace package that also has folders elsewhere stays.
            parent, _, child = name.rpartition(".")
            if getattr(sys.modules.get(parent), child, None) is module:
                delattr(sys.modules[parent], child)


def stale_packages(
    group: Group,
    previous: Group,
    imports: "Imports",
    loaded: "Dict[str, types.ModuleType]",
) -> "Set[str]":
    """Top-level names of packages with a stale module."""
    repository = imports.repository
    packages: Set[str] = set()
    files: Set[Any] = set()

    def is_stale(name: str, module: "types.ModuleType") -> bool:
        file = repository.module_file(module)
        if file is None:  # a namespace package
            return repository.package_folders(module) != imports.find(name, group.roots)[1]
        if file != (group.files.get(name) or imports.resolve(name, group.roots)):
            return True
        return any(path in files for _, path, _ in imports.modules_of(name, file, previous.roots))

    count = -1
    while count < len(packages):
        count = len(packages)
        for name, module in loaded.items():
            if top_level(name) not in packages and is_stale(name, module):
                packages.add(top_level(name))
        files = {
            repository.module_file(module)
            for name, module in loaded.items()
            if top_level(name) in packages
        }
    return packages
