"""Modules of the repository that go into a pickle by value."""

import contextlib
import dis
import functools
import gc
import io
import operator
import sys
import types

from .imports import reached_by
from .pickles import pickles
from .repository import prefixes
from .travelling import CarriedImports, KnownPackage


class CarriedModule(types.ModuleType):
    """A module that goes into a pickle by value; the state comes last, so modules may be cyclic."""

    left_out = ()
    pickled = {}
    """The modules that went into the pickle that is being made, by their ids."""
    empty = {}
    """Those that go into it without their attributes."""

    def __reduce_ex__(self, protocol):
        CarriedModule.pickled[id(self)] = self
        made = types.ModuleType, (self.__name__,)
        return made if id(self) in CarriedModule.empty else made + (carried_attributes(self),)


NOT_CARRIED = ("__builtins__", "__loader__", "__spec__", "__cached__", "__path__")


def carried_attributes(module):
    return {
        key: value
        for key, value in vars(module).items()
        if key not in NOT_CARRIED and not any(value is left for left in CarriedModule.left_out)
    }


class Globals(dict):
    """Stands for the globals of a module's functions: what is read has the module's attributes."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def __reduce_ex__(self, protocol):
        return vars, (self.module,)


class Filled:
    """Gives a module that went into the pickle without them its attributes."""

    def __init__(self, module, module_globals):
        self.module = module
        self.globals = module_globals

    def __reduce_ex__(self, protocol):
        return dict.update, (self.globals, carried_attributes(self.module))


class Following:
    """A value that goes into a pickle after others."""

    def __init__(self, value, others):
        self.value = value
        self.others = others

    def __reduce_ex__(self, protocol):
        return operator.getitem, (self.others + [self.value], len(self.others))


def sharing_dumps(value, protocol):
    """A pickle by cloudpickle, in which functions have their carried module's attributes as globals.

    By itself cloudpickle gives them a dict of their own. Only modules that go along anyway are
    shared: others might not be picklable as a whole.
    """
    import cloudpickle

    CarriedModule.pickled = {}
    content = cloudpickle.dumps(value, protocol=protocol)
    shared = CarriedModule.pickled
    if not shared or not can_share_globals():
        return content
    stream = io.BytesIO()
    pickler = cloudpickle.CloudPickler(stream, protocol=protocol)
    stand_ins = [Globals(module) for module in shared.values()]
    pickler.globals_ref.update((id(vars(g.module)), g) for g in stand_ins)
    # Each module is there before what its functions are made of.
    filled = [Filled(g.module, g) for g in stand_ins]
    CarriedModule.empty = shared
    try:
        pickler.dump(Following(value, stand_ins + filled))
        return stream.getvalue()
    except Exception:  # the same in another order may be nested too deep
        return content
    finally:
        CarriedModule.empty = {}


@functools.lru_cache(maxsize=None)
def can_share_globals():
    """Whether functions that share a module's globals still work when a task was sent on."""
    import cloudpickle

    if not hasattr(cloudpickle.CloudPickler(io.BytesIO()), "globals_ref"):
        return False
    # Some releases, 1.5 and 1.6 at least, take the builtins away from a module that they pickle.
    module = types.ModuleType("flowstore")
    vars(module).update(__file__="", __builtins__={})
    cloudpickle.dumps(module)
    return "__builtins__" in vars(module)


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
    for function in lazy_functions(modules, relative, imports.repository):
        given.append((function, "__flowstore_package__", KnownPackage(function)))
    for function in lazy_functions(modules, lines, imports.repository) if sources else ():
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


def lazy_functions(modules, lines, repository):
    """Functions of modules that have an import on one of a file's lines: methods and inner ones too."""
    wanted = {id(vars(module)): lines.get(repository.module_file(module)) for module in modules}
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
    modules = entry.group.modules.values()
    return [module for module in modules if repository.module_file(module) in others]


def carried_names(modules, repository, by_value):
    """Names of the modules that go by value: all, or those in `by_value` and what is below them."""
    if by_value is None:
        return set(modules)
    files = repository.flow_files | by_value
    names = {n for n, module in modules.items() if repository.module_file(module) in files}
    return {name for name in modules if names.intersection(prefixes(name))}
