"""Modules of the repository that go into a pickle by value."""

import contextlib
import dis
import gc
import sys
import types

from .imports import reached_by
from .pickles import pickles
from .repository import module_file, prefixes
from .travelling import CarriedImports, KnownPackage


class CarriedModule(types.ModuleType):
    """A module that goes into a pickle by value; the state comes last, so modules may be cyclic."""

    left_out = ()

    def __reduce_ex__(self, protocol):
        state = {
            key: value
            for key, value in vars(self).items()
            if key not in NOT_CARRIED and not any(value is module for module in self.left_out)
        }
        return types.ModuleType, (self.__name__,), state


NOT_CARRIED = ("__builtins__", "__loader__", "__spec__", "__cached__", "__path__")


@contextlib.contextmanager
def carrying(modules, carried, left_out):
    """Makes cloudpickle of any version take the modules named in `carried` by value.

    It takes functions and classes by value whose module it can't find, and None in `sys.modules`
    keeps old releases from importing it again. A module object follows its class; a package that
    holds a carried module goes along, as importing it would not bring that module. Modules in
    `left_out` stay behind where a carried module has them as attributes.
    """
    saved = {name: sys.modules.get(name) for name in modules}
    objects = {prefix for name in carried for prefix in prefixes(name)}
    classes = []
    for name, module in modules.items():
        sys.modules[name] = None if name in carried else module
        if name in objects:
            classes.append((module, type(module)))
            module.__class__ = CarriedModule
    CarriedModule.left_out = left_out
    try:
        yield
    finally:
        for module, kind in classes:
            module.__class__ = kind
        for name, module in saved.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


@contextlib.contextmanager
def giving_imports(entry, imports, by_value):
    """Gives functions of a flow's modules what they need to import modules of the repository.

    That is their package and, `by_value`, the finder, which is yielded.
    """
    group, lines, relative, lazy = entry.group, {}, {}, []
    for name, file in reached_by(entry, imports):
        for statement, _ in imports.targets(name, file, lazy_only=True):
            if statement.level:
                relative.setdefault(file, set()).add(statement.line)
        for found, path, line in imports.of(name, file, group.roots, lazy_only=True):
            lines.setdefault(file, set()).add(line)
            lazy.append((found, path))
    sources = {}
    for name, file in imports.reach(lazy, group.roots) if by_value else ():
        if file.endswith(".py"):
            with open(file, "rb") as stream:
                sources[name] = (file, stream.read())
    loaded = {name: group.modules[name] for name in sources if name in group.modules}
    finder = CarriedImports(sources, loaded)
    modules, given = group.modules.values(), []
    for function in lazy_functions(modules, relative):
        given.append((function, "__flowstore_package__", KnownPackage(function)))
    for function in lazy_functions(modules, lines) if sources else ():
        given.append((function, "__flowstore_imports__", finder))
    for function, name, value in given:
        vars(function)[name] = value
    try:
        yield finder
    finally:
        for function, name, _ in given:
            del vars(function)[name]


def settle(finder, dumps):
    """Leaves to their source the loaded modules that can't be pickled as a whole."""
    loaded, finder.loaded = finder.loaded, {}
    if not pickles(loaded, dumps):
        loaded = {name: module for name, module in loaded.items() if pickles(module, dumps)}
    if loaded:
        finder.pickled = dumps(loaded)
    finder.loaded = loaded


def lazy_functions(modules, lines):
    """Functions of modules that have an import on one of a file's lines: methods and inner ones too."""
    wanted = {id(vars(module)): lines.get(module_file(module)) for module in modules}
    return lines and [
        value
        for value in gc.get_objects()
        if type(value) is types.FunctionType
        and wanted.get(id(value.__globals__))
        and not wanted[id(value.__globals__)].isdisjoint(code_lines(value.__code__))
    ]


def code_lines(code):
    yield from (line for _, line in dis.findlinestarts(code))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_lines(constant)


def strangers(entry, repository, imports):
    """Flow modules that a flow's module doesn't import, though its package has them by now."""
    reached = {file for _, file in reached_by(entry, imports)}
    others = repository.flow_files - reached
    return [module for module in entry.group.modules.values() if module_file(module) in others]


def carried_names(modules, repository, by_value):
    """Names of the modules that go by value: all, or those in `by_value` and what is below them."""
    if by_value is None:
        return set(modules)
    files = repository.flow_files | by_value
    names = {name for name, module in modules.items() if module_file(module) in files}
    return {name for name in modules if names.intersection(prefixes(name))}
