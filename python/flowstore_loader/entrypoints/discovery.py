"""Finds the flows of a module, and what an entrypoint calls each of them."""

import ast
import functools
import inspect
import sys
import types

from ..flows import FoundFlow, Location
from ..import_statements import syntax_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Set, Tuple

    from ..groups import Group
    from ..repository import Repository

CONTAINERS = (list, tuple, set, frozenset, dict)
IN_A_CONTAINER = "It is only in a {kind}: bind it to a variable at the top level of the module."
WRAPPED = (
    "The decorator above `@flow` returns a plain function: put the decorator below `@flow`, with "
    "`functools.wraps`."
)
HELD = "Only the function `{name}` holds it: bind the flow itself to a variable."
IN_A_CLASS = "Prefect {version} can't load a flow of a class: make it a function of the module."
NO_OBJECT = (
    "It is a method, and a run has no object for it: bind an object of the class `{owner}` to a "
    "variable at the top level of the module, or make the flow a function."
)
BOUND = "It is a method, and Prefect {version} calls it without its object: make it a function."
NO_FLOW = "Prefect {version} finds no flow at `{attribute}`: put `@flow` above `@classmethod`."
LAMBDA = 'Prefect names it "<lambda>", which its API refuses: give it a `name`.'


class FoundEntrypoint(FoundFlow):
    """A flow of a module, with what its entrypoints call it."""

    def __init__(
        self, flow: "Any", location: Location, group: "Group", module_path: str, code: Location
    ) -> None:
        super().__init__(flow, location, group, module_path)
        self.code = code
        """Where its function is."""
        self.is_import = False
        """Whether another module has this object too."""
        self.identity: Any = id(flow)

    @property
    def code_path(self) -> str:
        return self.code.path

    def is_same(self, other: "FoundFlow") -> bool:
        if not isinstance(other, FoundEntrypoint):
            return False
        if self.identity == other.identity:
            return True
        is_equal = self.name == other.name and self.code.is_same_line(other.code)
        return is_equal and (self.is_import or other.is_import)

    def attribute(self) -> str:
        """What the entrypoint calls it: as its function is called, if it has that name."""
        name = getattr(self.flow.fn, "__qualname__", "")
        return name if name in self.variables else self.variables[0]


class Unaddressable:
    """A flow that no entrypoint can name."""

    def __init__(self, name: str, code: Location, why: str = "") -> None:
        self.name = name
        self.code = code
        self.why = why


class ModuleFlows:
    """The flows of one module, in the order in which they are bound."""

    def __init__(
        self,
        module: "types.ModuleType",
        file: str,
        group: "Group",
        repository: "Repository",
        has_classes: bool,
        half_made: "Dict[int, Any]",
    ) -> None:
        import prefect
        from prefect.flows import Flow

        self.flow_class: type = Flow
        self.version: str = prefect.__version__
        self.module = module
        self.file = file
        self.group = group
        self.repository = repository
        self.half_made = half_made
        """The function of each flow that Prefect 2 could not make, by the flow's id."""
        self.has_classes = has_classes
        """Whether the release loads `file.py:Class.name`."""
        self.found: Dict[Any, FoundEntrypoint] = {}
        self.unaddressable: Dict[int, Unaddressable] = {}
        self.methods: Dict[int, str] = {}
        """The class of each flow that is a method of objects."""
        self.values = [(n, v) for n, v in vars(module).items() if not n.startswith("__")]
        self._find()

    def _find(self) -> None:
        classes = [(name, value) for name, value in self.values if self.is_own_class(value)]
        for name, owner in classes:
            self.find_in_class(name, owner)
        for name, value in self.values:
            if self.is_flow(value):
                self.add_variable(name, value)
            elif self.is_own_class(type(value)):
                self.find_in_object(name, value)
        known = {identity for identity in self.found if isinstance(identity, int)}
        for name, value in self.values:
            for flow, why in self.held_by(name, value, set()):
                if id(flow) not in known and id(flow) not in self.methods:
                    self.cannot(flow, why)
        for identity, owner in self.methods.items():
            is_named = any(isinstance(key, tuple) and key[0] == identity for key in self.found)
            if not is_named and identity in self.unaddressable:
                why = NO_OBJECT.format(owner=owner) if self.has_classes else self.in_a_class()
                self.unaddressable[identity].why = why
        self.mark_imports()

    def is_flow(self, value: "Any") -> bool:
        # A flow whose decorator failed has no name; Prefect 2 goes on without it.
        return issubclass(type(value), self.flow_class) and "name" in vars(value)

    def is_own_class(self, value: "Any") -> bool:
        return isinstance(value, type) and value.__module__ == self.module.__name__

    def in_a_class(self) -> str:
        return IN_A_CLASS.format(version=self.version)

    def add(self, identity: "Any", flow: "Any", attribute: str) -> None:
        if flow.name == "<lambda>":
            self.cannot(flow, LAMBDA)
            return
        if identity not in self.found:
            code = self.code_of(flow)
            location = self.location_of(flow, code, attribute)
            entry = FoundEntrypoint(flow, location, self.group, self.file, code)
            entry.identity = identity
            self.found[identity] = entry
        self.found[identity].variables.append(attribute)

    def cannot(self, flow: "Any", why: str) -> None:
        self.forget(flow)
        entry = Unaddressable(flow.name, self.code_of(flow), why)
        self.unaddressable.setdefault(id(flow), entry)

    def forget(self, flow: "Any") -> None:
        """Forgets a flow of the same name and code: this one is the same function in an object."""
        code = self.code_of(flow)
        for key, entry in list(self.unaddressable.items()):
            same = (entry.name, entry.code.path, entry.code.line)
            if key != id(flow) and same == (flow.name, code.path, code.line):
                del self.unaddressable[key]

    def cannot_half_made(self, name: str, flow: "Any") -> None:
        function = getattr(self.half_made[id(flow)], "__func__", None)
        code = getattr(function, "__code__", None)
        line = code.co_firstlineno if code else 1
        shown = Unaddressable(name.replace("_", "-"), Location(self.file, line, {}))
        shown.why = self.in_a_class()
        self.unaddressable[id(flow)] = shown

    def add_variable(self, name: str, flow: "Any") -> None:
        if id(flow) in self.methods or has_self(flow):
            self.cannot(flow, BOUND.format(version=self.version))
            return
        bound = [e for key, e in self.found.items() if isinstance(key, tuple) and is_copy(flow, e)]
        if len(bound) == 1:
            bound[0].variables.append(name)
        else:
            if "." in getattr(flow.fn, "__qualname__", ""):
                self.forget(flow)
            self.add(id(flow), flow, name)

    def find_in_class(self, path: str, owner: type) -> None:
        for name, raw in list(vars(owner).items()):
            if self.is_own_class(raw) and raw.__qualname__ == f"{owner.__qualname__}.{name}":
                self.find_in_class(f"{path}.{name}", raw)
            inner = raw.__func__ if isinstance(raw, (staticmethod, classmethod)) else raw
            if id(inner) in self.half_made:
                self.cannot_half_made(name, inner)
            if not self.is_flow(inner):
                continue
            if inner is raw and is_method(inner):
                self.methods[id(inner)] = owner.__name__
                self.cannot(inner, "")
                continue
            attribute = f"{path}.{name}"
            value = getattr(owner, name, None)
            if not self.has_classes:
                self.cannot(inner, self.in_a_class())
            elif not self.is_flow(value):
                why = NO_FLOW.format(version=self.version, attribute=attribute)
                self.cannot(inner, why)
            else:
                self.add(("class", id(inner)), value, attribute)

    def find_in_object(self, name: str, value: "Any") -> None:
        """The flows that are methods of an object in a variable."""
        if not self.has_classes:
            return
        for owner in type(value).__mro__:
            for attribute, raw in list(vars(owner).items()):
                if id(raw) in self.methods:
                    flow = getattr(value, attribute, None)
                    if self.is_flow(flow):
                        self.add((id(raw), id(value)), flow, f"{name}.{attribute}")
                        self.unaddressable.pop(id(raw), None)

    def held_by(self, name: str, value: "Any", seen: "Set[int]") -> "Iterator[Tuple[Any, str]]":
        """The flows in a container, in a wrapper of one or in a closure, and why they can't do."""
        kind = type(value)
        if issubclass(kind, CONTAINERS) and id(value) not in seen:
            seen.add(id(value))
            items = dict.values(value) if issubclass(kind, dict) else value
            shown = next(each.__name__ for each in CONTAINERS if issubclass(kind, each))
            for item in list(items):
                if self.is_flow(item):
                    yield item, IN_A_CONTAINER.format(kind=shown)
                else:
                    yield from self.held_by(name, item, seen)
        elif isinstance(value, types.FunctionType) and value.__module__ == self.module.__name__:
            yield from self.held_by_function(name, value)
        elif isinstance(value, functools.partial) and self.is_flow(value.func):
            yield value.func, IN_A_CONTAINER.format(kind="partial")

    def held_by_function(
        self, name: str, function: "types.FunctionType"
    ) -> "Iterator[Tuple[Any, str]]":
        wrapped = getattr(function, "__wrapped__", None)
        if self.is_flow(wrapped):
            yield wrapped, WRAPPED
        for cell in function.__closure__ or ():
            held = cell_value(cell)
            if self.is_flow(held):
                yield held, HELD.format(name=name)

    def mark_imports(self) -> None:
        """Tells flows that another module made from those that this one made."""
        others = [f for f in self.found.values() if f.code_path != self.file]
        if not others:
            return
        in_modules: Dict[int, str] = {}
        # Modules that a relative import has loaded are kept in the group alone.
        loaded = [*self.repository.loaded_modules().values(), *self.group.modules.values()]
        for module in loaded:
            if module is not self.module:
                path = str(self.repository.module_file(module))
                in_modules.update((id(v), path) for v in list(vars(module).values()))
        for flow in others:
            home = sys.modules.get(getattr(flow.flow.fn, "__module__", ""))
            is_of_library = not self.repository.owns(flow.code_path)
            if is_of_library and any(v is flow.flow for v in list(vars(home or types).values())):
                flow.is_import, flow.counts = True, False
            if id(flow.flow) in in_modules:
                flow.is_import = True
                # It counts in its own module, even if the request does not want it there.
                is_wanted = {flow.code_path, in_modules[id(flow.flow)]} & self.repository.flow_files
                flow.counts = not is_wanted

    def code_of(self, flow: "Any") -> Location:
        code = getattr(inspect.unwrap(flow.fn), "__code__", None)
        if code is None:
            return Location(self.file, 1, {})
        return Location(self.repository.path(code.co_filename), code.co_firstlineno, {})

    def location_of(self, flow: "Any", code: Location, attribute: str) -> Location:
        """Its function, or the statement that binds it if that is another one."""
        is_function = getattr(flow.fn, "__qualname__", "") == attribute
        if code.path == self.file and (is_function or "." in attribute):
            return code
        made = code.line if code.path == self.file else 1
        return Location(self.file, binding_line(self.file, attribute, made), {})


def is_copy(flow: "Any", method: FoundEntrypoint) -> bool:
    """Whether a flow is a method that was read from its object: that gives a new flow each time."""
    return flow.fn is method.flow.fn and vars(flow) == vars(method.flow)


def has_self(flow: "Any") -> bool:
    """Whether a flow is a method whose object is one of its parameters: so it is in Prefect 3.0."""
    in_class = "." in getattr(flow.fn, "__qualname__", "").rpartition("<locals>.")[2]
    return in_class and "self" in (getattr(flow.parameters, "properties", None) or {})


def is_method(flow: "Any") -> bool:
    """Whether a flow in a class takes an object of it."""
    if getattr(flow, "isstaticmethod", False) or getattr(flow, "isclassmethod", False):
        return False
    code = getattr(inspect.unwrap(flow.fn), "__code__", None)
    return code is not None and code.co_varnames[: code.co_argcount][:1] == ("self",)


def cell_value(cell: "Any") -> "Any":
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


def binding_line(file: str, variable: str, default: int) -> int:
    """The first line of a file that binds a variable."""
    syntax = syntax_of(file)
    if syntax is None:
        return default
    names = [n for n in syntax.of(ast.Name) if n.id == variable and isinstance(n.ctx, ast.Store)]
    lines = [node.lineno for node in names if not syntax.is_lazy(node)]
    for node in syntax.of(ast.ImportFrom):
        bound = [alias.asname or alias.name for alias in node.names]
        lines += [node.lineno] if variable in bound and not syntax.is_lazy(node) else []
    return min(lines, default=default)
