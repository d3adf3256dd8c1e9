"""The declared sources: which files and loaded modules are the user's."""

import os
import sys
import types

from .module_names import top_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Container, Dict, Iterable, Iterator, List, Optional, Set, Tuple


class Repository:
    """The declared sources: paths are relative to `root`, and all files are below `top`."""

    def __init__(
        self, root: str, top: str, flow_files: "Iterable[str]", import_roots: "Iterable[str]"
    ) -> None:
        self.root = os.path.realpath(root)
        self.prefix = os.path.join(os.path.realpath(top), "")
        self.shortened = list(shortened_prefixes(self.root, self.prefix))
        # Each group of flow modules asks for all of Prefect's modules again.
        self._paths: Dict[str, str] = {}
        self.flow_files = {self.path(file) for file in flow_files}
        self.import_roots = [self.path(folder) for folder in import_roots]
        """The folders of `python-path`."""
        # The interpreter may be below the top, as the virtual environment of a work tree is.
        interpreters = {os.path.join(p, "") for p in (sys.prefix, sys.base_prefix)}
        self.interpreters = tuple(p for p in interpreters if p.startswith(self.prefix))

    def path(self, file: str) -> str:
        """A path as it is compared: absolute, without `..`; a relative one is below the root."""
        if file not in self._paths:
            has_file = not (file.startswith("<") and file.endswith(">"))
            path = os.path.normpath(os.path.join(self.root, file)) if has_file else file
            self._paths[file] = path
        return self._paths[file]

    def owns(self, path: str) -> bool:
        """Whether a file is the user's, and not of an environment inside the repository."""
        if not path.startswith(self.prefix) or path.startswith(self.interpreters):
            return False
        parts = path.split(os.sep)
        return "site-packages" not in parts and "dist-packages" not in parts

    def relative(self, path: str) -> str:
        return self.shorten(path).replace(os.sep, "/")

    def shorten(self, text: str) -> str:
        """A message with the paths of the repository's files relative to the root."""
        for prefix, relative in self.shortened:
            text = text.replace(prefix, relative)
        return text

    def module_file(self, module: "Any") -> "Optional[str]":
        """The file of a module, or None: `sys.modules` may hold anything."""
        # Some objects there only say that they are modules.
        if not issubclass(type(module), types.ModuleType):
            return None
        file = namespace_of(module).get("__file__")
        return self.path(file) if isinstance(file, str) else None

    def package_folders(self, module: "Any") -> "List[str]":
        """The folders of a package's submodules."""
        try:
            folders = [self.path(folder) for folder in namespace_of(module).get("__path__", ())]
        except Exception:  # sys.modules may hold anything
            return []
        return list(dict.fromkeys(folders))

    def owns_module(self, module: "Any") -> bool:
        """Whether a module is the user's; a namespace package is if all its folders are."""
        file = self.module_file(module)
        if file:
            return self.owns(file)
        folders = self.package_folders(module)
        return bool(folders) and all(self.owns(os.path.join(folder, "")) for folder in folders)

    def loaded_modules(self) -> "Dict[str, types.ModuleType]":
        """The repository's modules in `sys.modules`, by name."""
        modules = sorted(sys.modules.items())
        return {name: module for name, module in modules if self.owns_module(module)}

    def foreign_names(self, loaded: "Container[str]") -> "Set[str]":
        """Top-level names in `sys.modules` of modules that are not the repository's `loaded` ones.

        Namespace packages are left out, since other folders can add to them.
        """
        return {
            name
            for name, module in sys.modules.items()
            if name == top_level(name)
            and name not in loaded
            and isinstance(module, types.ModuleType)
            and (self.module_file(module) or not self.package_folders(module))
        }


def namespace_of(module: types.ModuleType) -> "Dict[str, Any]":
    """The variables of a module; `vars` would import one that waits for its first use."""
    return types.ModuleType.__getattribute__(module, "__dict__")


def shortened_prefixes(root: str, top_prefix: str) -> "Iterator[Tuple[str, str]]":
    """`(prefix, prefix relative to the root)` of the root and the folders above it, to the top."""
    relative = ""
    while os.path.join(root, "") != top_prefix and len(root) > len(os.path.dirname(root)):
        yield os.path.join(root, ""), relative
        root, relative = os.path.dirname(root), relative + "../"
    yield os.path.join(root, ""), relative
