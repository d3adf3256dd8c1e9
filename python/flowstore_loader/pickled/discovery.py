"""Finds the `Flow` objects of modules, and the lines that created them."""

import ast
import contextlib
import functools
import sys

from ..flows import FoundFlow, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

    from ..groups import Group
    from ..repository import Repository

SETS = (set, frozenset)
CONTAINERS = (list, tuple, dict, *SETS)


class FlowLocations:
    """The module-level statements that created flows."""

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self._created: Dict[int, Tuple[Any, Location]] = {}

    @contextlib.contextmanager
    def recorded(self, flow_class: "Any") -> "Iterator[None]":
        """Records the location of each flow that is created meanwhile."""
        original = flow_class.__init__

        @functools.wraps(original)
        def init(flow: "Any", *args: "Any", **kwargs: "Any") -> None:
            location = self._location_of(sys._getframe(1))
            if location:
                # Keep the flow, so that no other one gets its id.
                self._created[id(flow)] = (flow, location)
            original(flow, *args, **kwargs)

        flow_class.__init__ = init
        try:
            yield
        finally:
            flow_class.__init__ = original

    def _location_of(self, frame: "Optional[types.FrameType]") -> "Optional[Location]":
        """The innermost frame of a module of the repository."""
        while frame:
            code = frame.f_code
            path = self.repository.path(code.co_filename)
            if code.co_name == "<module>" and self.repository.owns(path):
                return Location(path, frame.f_lineno, frame.f_globals)
            frame = frame.f_back
        return None

    def find(self, flow: "Any", module: "types.ModuleType", variable: str) -> Location:
        """The location; for a flow without `Flow.__init__`, such as a copy, its binding."""
        if id(flow) in self._created:
            return self._created[id(flow)][1]
        file = str(self.repository.module_file(module))
        return Location(file, binding_line(file, variable), vars(module))


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
    file = str(locations.repository.module_file(module))
    found: Dict[int, FoundFlow] = {}
    for variable, flow in bound_flows(module, flow_class):
        if id(flow) not in found:
            location = locations.find(flow, module, variable)
            found[id(flow)] = FoundFlow(flow, location, group, file)
        found[id(flow)].variables.append(variable)
    return list(found.values())


def bound_flows(module: "types.ModuleType", flow_class: type) -> "Iterator[Tuple[str, Any]]":
    """`(variable, flow)`; flows in lists, tuples, sets and dicts included."""
    for variable, value in list(vars(module).items()):
        if not variable.startswith("__"):
            for flow in flows_in(value, flow_class, set()):
                yield variable, flow


def flows_in(value: "Any", flow_class: type, seen: "Set[int]") -> "Iterator[Any]":
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
        for item in list(items):
            yield from flows_in(item, flow_class, seen)


def flow_name(flow_class: type, value: "Any") -> str:
    return value.name if issubclass(type(value), flow_class) else ""
