"""Modules of the repository that go into a pickle by value."""

import contextlib
import sys
import types

from ..module_names import prefixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Dict, Iterable, Iterator, Optional, Set

    from ..repository import Repository

    Modules = Dict[str, types.ModuleType]

OMITTED_ATTRIBUTES = ("__builtins__", "__loader__", "__spec__", "__cached__", "__path__")


class Pickling:
    """The state of the pickle that is being written."""

    def __init__(self) -> None:
        self.omitted: Collection[types.ModuleType] = ()
        """Modules that are left out as attributes of other modules."""
        self.modules: Dict[int, types.ModuleType] = {}
        """The modules that went into it by value, by their ids."""
        self.without_attributes: Dict[int, types.ModuleType] = {}
        """The modules that go into it without their attributes."""


pickling = Pickling()


class ModuleByValue(types.ModuleType):
    """The class of modules that go by value. The state comes last, so modules may form cycles."""

    def __reduce_ex__(self, protocol: "Any") -> "Any":
        pickling.modules[id(self)] = self
        reduced = types.ModuleType, (self.__name__,)
        if id(self) in pickling.without_attributes:
            return reduced
        return (*reduced, pickled_attributes(self))


def pickled_attributes(module: types.ModuleType) -> "Dict[str, Any]":
    return {
        name: value
        for name, value in vars(module).items()
        if name not in OMITTED_ATTRIBUTES
        and not any(value is omitted for omitted in pickling.omitted)
    }


def names_by_value(
    modules: "Modules", repository: "Repository", files: "Optional[Set[str]]"
) -> "Set[str]":
    """Names of the modules that go by value: flow modules, `files`, and what is below them.

    Without `files` all modules do.
    """
    if files is None:
        return set(modules)
    files = repository.flow_files | files
    names = {n for n, module in modules.items() if repository.module_file(module) in files}
    return {name for name in modules if names.intersection(prefixes(name))}


@contextlib.contextmanager
def modules_by_value(
    modules: "Modules", names: "Iterable[str]", omitted: "Collection[types.ModuleType]"
) -> "Iterator[None]":
    """Makes cloudpickle of any version take the modules named in `names` by value.

    cloudpickle takes functions and classes by value if it can't find their module. None in
    `sys.modules` keeps old releases from importing the module again. A module object is reduced by
    its class. The packages of a module that goes by value go by value too: importing them would not
    import that module.
    """
    names = set(names)
    saved = {name: sys.modules.get(name) for name in modules}
    reduced = {prefix for name in names for prefix in prefixes(name)}
    classes = []
    for name, module in modules.items():
        sys.modules[name] = None if name in names else module  # type: ignore[assignment]
        if name in reduced:
            classes.append((module, type(module)))
            module.__class__ = ModuleByValue
    pickling.omitted = omitted
    try:
        yield
    finally:
        for module, module_class in classes:
            module.__class__ = module_class
        for name, saved_module in saved.items():
            if saved_module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = saved_module
