"""The declared sources, and where modules of theirs lie."""

import functools
import importlib.machinery
import os
import sys
import types

SUFFIXES = importlib.machinery.all_suffixes()

# Of each of Prefect's modules it is asked again for each group of flow modules.
normal = functools.lru_cache(maxsize=None)(os.path.normpath)


class Repository:
    """The declared sources: which files are the user's, and which of them are flow modules."""

    def __init__(self, root, files):
        self.root = os.path.realpath(root)
        self.prefix = os.path.join(self.root, "")
        self.flow_files = {self.path(file) for file in files}
        # The interpreter may live below the root, as the virtual environment of a work tree does.
        own = {os.path.join(p, "") for p in (sys.prefix, sys.base_prefix)}
        self.foreign = tuple(p for p in own if p.startswith(self.prefix))

    def path(self, file):
        """A file's path as it is compared: absolute, without `..`; what is relative is below the root."""
        if file.startswith("<") and file.endswith(">"):  # of code that has no file
            return file
        return normal(os.path.join(self.root, file))

    def module_file(self, module):
        file = vars(module).get("__file__") if isinstance(module, types.ModuleType) else None
        return self.path(file) if isinstance(file, str) else None

    def package_folders(self, module):
        """Where submodules of a package lie."""
        try:
            folders = [self.path(folder) for folder in vars(module).get("__path__", ())]
        except Exception:  # sys.modules may hold anything
            return []
        return list(dict.fromkeys(folders))

    def owns(self, path):
        """Whether a path is a file of the user's, not of an environment that lies in the tree."""
        if not path.startswith(self.prefix) or path.startswith(self.foreign):
            return False
        parts = path.split(os.sep)
        return "site-packages" not in parts and "dist-packages" not in parts

    def relative(self, path):
        return self.shorten(path).replace(os.sep, "/")

    def shorten(self, text):
        """A message with the paths of the repository's files relative to the root."""
        return text.replace(self.prefix, "")

    def loaded(self):
        """The repository's modules in `sys.modules`, by name."""
        found = {}
        for name, module in sorted(sys.modules.items()):
            file = self.module_file(module)
            # A namespace package has no file; one that also reaches outside is not the user's.
            folders = [os.path.join(folder, "") for folder in self.package_folders(module)]
            places = [file] if file else folders
            if places and all(self.owns(place) for place in places):
                found[name] = module
        return found

    def foreign_names(self):
        """Top-level names in `sys.modules` that are not the repository's, nor a namespace package's."""
        ours = self.loaded()
        return {
            name
            for name, module in sys.modules.items()
            if "." not in name
            and name not in ours
            and isinstance(module, types.ModuleType)
            and (self.module_file(module) or not self.package_folders(module))
        }


def shipped_path(name, file):
    """Where a module's file must lie below an entry of `sys.path` to be imported by its name."""
    stem, _, suffix = os.path.basename(file).partition(".")
    package = stem == "__init__" and name.rpartition(".")[2] != "__init__"
    return name.replace(".", "/") + ("/__init__" if package else "") + "." + suffix


def find_module(name, roots):
    """`(file, folders of its submodules)` that Python's path finder would find.

    A namespace package has no file; what is not there has neither.
    """
    file, folders = None, roots
    for part in name.split("."):
        file, portions = None, []
        for folder in folders:
            base = os.path.join(folder, part)
            package = existing_module(os.path.join(base, "__init__"))
            file = package or existing_module(base)
            if file:
                portions = [base] if package else []
                break
            if os.path.isdir(base):
                portions.append(base)
        folders = portions
    return file, folders


def existing_module(base):
    return next((base + suffix for suffix in SUFFIXES if os.path.isfile(base + suffix)), None)


def prefixes(name):
    """A dotted name's packages, and itself."""
    parts = name.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]
