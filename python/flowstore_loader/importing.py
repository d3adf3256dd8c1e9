"""Imports flow modules under the names that they have for each other."""

import importlib
import importlib.machinery
import importlib.util
import os
import sys


class Group:
    """Flow modules that are imported with one `sys.path`: those of one import root."""

    def __init__(self, import_root, repository):
        root, src = repository.root, os.path.join(repository.root, "src")
        folders = [import_root, root] + ([src] if os.path.isdir(src) else [])
        self.path = tuple(dict.fromkeys(folders))
        """The folders of the repository that are on `sys.path` when a module is imported."""
        self.roots = self.path
        """Those, and what the modules put there themselves."""
        self.files = {}
        """Name of each flow module, to its file."""
        self.modules = {}
        """The repository's modules in `sys.modules` when the group was loaded."""
        self.foreign = set()
        """Top-level names of others there."""

    def takes(self, import_root, name, file):
        return self.path[0] == import_root and self.files.get(name, file) == file

    def add_roots(self, repository):
        """Adds the folders of the repository that a module has put on `sys.path`, in their order."""
        folders = [repository.path(folder) for folder in sys.path if isinstance(folder, str)]
        owned = [folder for folder in folders if repository.owns(os.path.join(folder, ""))]
        at = owned.index(self.path[0]) if self.path[0] in owned else 0
        self.roots = tuple(dict.fromkeys(owned[:at] + list(self.roots) + owned[at:]))


def locate(file, repository, ours):
    """`(dotted name, import root)` of a flow module: up while the folder has an `__init__.py`.

    A first part that is loaded already and isn't of `ours`, the repository's modules, is left out:
    a folder named `prefect` neither hides the package nor is hidden by it.
    """
    folder, base = os.path.split(file)
    stem = os.path.splitext(base)[0].replace(".", "_")
    parts = [stem]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder != repository.root:
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if stem == "__init__" and len(parts) > 1:
        parts.pop()
    while len(parts) > 1 and parts[0] in sys.modules and parts[0] not in ours:
        folder = os.path.join(folder, parts.pop(0))
    while parts[0] in sys.modules and parts[0] not in ours:
        parts[0] += "_"
    return ".".join(parts), folder


def grouped(requests, repository):
    """`[(group, [(index, request, name)])]`, import roots in the order in which they come up."""
    groups, ours = [], repository.loaded()
    for index, request in enumerate(requests):
        file = repository.path(request["file"])
        name, import_root = locate(file, repository, ours)
        for group, members in groups:
            if group.takes(import_root, name, file):
                break
        else:
            group, members = Group(import_root, repository), []
            groups.append((group, members))
        group.files[name] = file
        members.append((index, request, name))
    return groups


def enter_group(group, previous, repository, imports):
    """Drops modules that would be others under the group's `sys.path`, and what imported them."""
    loaded = repository.loaded()
    stale, files = set(), set()

    def is_stale(name, module):
        file = repository.module_file(module)
        if file is None:  # a namespace package
            return repository.package_folders(module) != imports.find(name, group.roots)[1]
        if file != (group.files.get(name) or imports.resolve(name, group.roots)):
            return True
        return any(path in files for _, path, _ in imports.of(name, file, previous.roots))

    grown = True
    while grown:
        grown = False
        for name, module in loaded.items():
            package = name.partition(".")[0]
            if package not in stale and is_stale(name, module):
                stale.add(package)
                grown = True
        files = {
            repository.module_file(m) for n, m in loaded.items() if n.partition(".")[0] in stale
        }
    for name, module in loaded.items():
        if name.partition(".")[0] in stale:
            del sys.modules[name]
            # A namespace package that reaches outside is still there.
            parent, _, child = name.rpartition(".")
            if getattr(sys.modules.get(parent), child, None) is module:
                delattr(sys.modules[parent], child)


def import_flow_module(name, file, repository):
    """Imports a file under its dotted name, its packages first, as `import` would."""
    parent, _, child = name.rpartition(".")
    if parent:
        importlib.import_module(parent)
    module = sys.modules.get(name)
    if repository.module_file(module) == file:
        return module
    loader = importlib.machinery.SourceFileLoader(name, file)
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    if parent:
        setattr(sys.modules[parent], child, module)
    return sys.modules[name]
