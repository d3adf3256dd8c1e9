"""Finds the `Flow` objects of modules, and the lines that created them."""

import ast
import contextlib
import functools
import inspect
import sys

from ..flows import FoundFlow, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple

    from ..groups import Group
    from ..repository import Repository

SETS = (set, frozenset)
CONTAINERS = (list, tuple, dict, *SETS)


class FlowLocations:
    """The statements that created flows: those at module level, if there are any."""

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self.builders: Set[Tuple[str, str]] = set()
        """`(file, name)` of each function that has built a flow."""
        self._created: Dict[int, Tuple[Any, Location]] = {}

    @contextlib.contextmanager
    def recorded(self, flow_class: "Any") -> "Iterator[None]":
        """Records the location of each flow that is created meanwhile, also of each copy."""

        def new(created_class: "Any", *args: "Any", **kwargs: "Any") -> "Any":
            flow = object.__new__(created_class)
            caller = sys._getframe(1)
            location = self._location_of(caller)
            if location:
                location.is_copy = caller.f_code.co_name == "__newobj__"
                # Keep the flow, so that no other one gets its id.
                self._created[id(flow)] = (flow, location)
            return flow

        flow_class.__new__ = new
        try:
            yield
        finally:
            # Python would not forget that the class has had a `__new__`.
            flow_class.__new__ = new_object

    def _location_of(self, frame: "Optional[types.FrameType]") -> "Optional[Location]":
        """Of the frames in files of the repository the innermost module, else the outermost."""
        location = None
        while frame:
            code = frame.f_code
            path = self.repository.path(code.co_filename)
            if self.repository.owns(path):
                location = Location(path, frame.f_lineno, frame.f_globals)
                if code.co_name == "<module>":
                    break
                if code.co_flags & inspect.CO_NEWLOCALS:  # not the body of a class
                    self.builders.add((path, code.co_name))
            frame = frame.f_back
        return location

    def find(self, flow: "Any", module: "types.ModuleType", variable: str) -> Location:
        """The location; for a flow that was created elsewhere, its binding."""
        if id(flow) in self._created:
            return self._created[id(flow)][1]
        file = str(self.repository.module_file(module))
        return Location(file, binding_line(file, variable), vars(module))


def new_object(created_class: type, *args: "Any", **kwargs: "Any") -> "Any":
    return object.__new__(created_class)


def binding_line(file: str, variable: str) -> int:
    """The first line of a file that binds a variable."""
    with open(file, "rb") as source:
        names = [node for node in ast.walk(ast.parse(source.read())) if isinstance(node, ast.Name)]
    lines = [n.lineno for n in names if n.id == variable and isinstance(n.ctx, ast.Store)]
    return min(lines, default=1)


def flows_of_module(
    module: "types.ModuleType", group: "Group", flow_class: type, locations: FlowLocations
) -> "List[FoundFlow]":
    """The flows at the top level of a module, in the order in which they are bound."""
    variables = [each for each in vars(module).items() if not each[0].startswith("__")]
    return found_flows(variables, module, group, flow_class, locations)


def found_flows(
    values: "Iterable[Tuple[str, Any]]",
    module: "types.ModuleType",
    group: "Group",
    flow_class: type,
    locations: FlowLocations,
) -> "List[FoundFlow]":
    """The flows of a module's named values; flows in lists, tuples, sets and dicts included."""
    file = str(locations.repository.module_file(module))
    found: Dict[int, FoundFlow] = {}
    for name, value in values:
        for flow in flows_in(value, flow_class):
            if id(flow) not in found:
                location = locations.find(flow, module, name)
                found[id(flow)] = FoundFlow(flow, location, group, file)
            found[id(flow)].variables.append(name)
    return list(found.values())


def flows_in(value: "Any", flow_class: type) -> "Iterator[Any]":
    """The flows in a value, however deep, in their order."""
    seen: Set[int] = set()
    left = [value]
    while left:
        value = left.pop()
        kind = type(value)
        if issubclass(kind, flow_class):
            yield value
        elif issubclass(kind, CONTAINERS) and id(value) not in seen:
            seen.add(id(value))
            items = value
            if issubclass(kind, dict):
                items = dict.values(value)
            elif issubclass(kind, SETS):
                # The order of a set changes with the addresses of its items.
                items = sorted(value, key=functools.partial(flow_name, flow_class))
            left += reversed(list(items))


def flow_name(flow_class: type, value: "Any") -> str:
    return value.name if issubclass(type(value), flow_class) else ""
