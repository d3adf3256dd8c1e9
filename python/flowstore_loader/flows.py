"""Finds the flows of modules, and where each was made."""

import ast
import collections
import contextlib
import functools
import sys

from .problems import problem

Place = collections.namedtuple("Place", "path line namespace")
Found = collections.namedtuple("Found", "flow place group module_path variables")


class Places:
    """Where each flow was made: file and line of the module-level statement that led to it."""

    def __init__(self, repository):
        self.repository = repository
        self._made = {}

    @contextlib.contextmanager
    def recording(self, flow_class):
        original = flow_class.__init__

        @functools.wraps(original)
        def init(flow, *args, **kwargs):
            frame = sys._getframe(1)
            while frame:
                code = frame.f_code
                path = self.repository.path(code.co_filename)
                if code.co_name == "<module>" and self.repository.owns(path):
                    place = Place(path, frame.f_lineno, frame.f_globals)
                    # The flow is kept, so that no other gets its id.
                    self._made[id(flow)] = (flow, place)
                    break
                frame = frame.f_back
            return original(flow, *args, **kwargs)

        flow_class.__init__ = init
        try:
            yield
        finally:
            flow_class.__init__ = original

    def of(self, flow, module, variable):
        """The place; of a flow made without `Flow.__init__`, such as a copy, its binding."""
        if id(flow) in self._made:
            return self._made[id(flow)][1]
        file = self.repository.module_file(module)
        return Place(file, binding_line(file, variable), vars(module))


def binding_line(file, variable):
    with open(file, "rb") as source:
        names = [node for node in ast.walk(ast.parse(source.read())) if isinstance(node, ast.Name)]
    lines = [n.lineno for n in names if n.id == variable and isinstance(n.ctx, ast.Store)]
    return min(lines, default=1)


def find_flows(module, flow_class):
    """`(variable, flow)` in the order bound, those in lists, tuples, sets and dicts included."""

    def search(value, seen):
        kind = type(value)
        if issubclass(kind, flow_class):
            yield value
        elif issubclass(kind, (list, tuple, set, frozenset, dict)) and id(value) not in seen:
            seen.add(id(value))
            items = value
            if issubclass(kind, dict):
                items = dict.values(value)
            elif issubclass(kind, (set, frozenset)):
                # A set's order changes with the addresses of what it holds.
                items = sorted(
                    value, key=lambda item: item.name if issubclass(type(item), flow_class) else ""
                )
            for item in list(items):
                yield from search(item, seen)

    for variable, value in list(vars(module).items()):
        if not variable.startswith("__"):
            for flow in search(value, set()):
                yield variable, flow


def flows_of_module(module, group, flow_class, places):
    """The `Found` of each flow at module level, with the variables that lead to it."""
    found = {}
    for variable, flow in find_flows(module, flow_class):
        if id(flow) not in found:
            place = places.of(flow, module, variable)
            file = places.repository.module_file(module)
            found[id(flow)] = Found(flow, place, group, file, [])
        found[id(flow)].variables.append(variable)
    return list(found.values())


def select_flows(found, request):
    """`(flows wanted of a module, problems)`."""
    file = request["file"]
    if not found and (request["explicit"] or request["flows"]):
        hint = "Bind the flow to a variable at the top level of the module."
        return [], [problem("FLOW_NOT_FOUND", "No flow found in %s." % file, file, hint=hint)]
    if request["flows"] is None:
        return found, []
    chosen, problems = [], []
    for wanted in request["flows"]:
        matches = [entry for entry in found if entry.flow.name == wanted]
        matches = matches or [entry for entry in found if wanted in entry.variables]
        chosen += [entry for entry in matches if entry not in chosen]
        if not matches:
            names = ", ".join(dict.fromkeys('"%s"' % entry.flow.name for entry in found))
            text = 'No flow "%s" in %s; it has %s.' % (wanted, file, names)
            problems.append(problem("FLOW_NOT_FOUND", text, file))
    return [entry for entry in found if entry in chosen], problems


def is_same_flow(one, other):
    same_place = one.place[:2] == other.place[:2]
    return one.flow is other.flow or (
        same_place and one.place.namespace is not other.place.namespace
    )


def merge_flows(per_module, repository):
    """One list of all modules' flows, each once, and the conflicts of their names."""
    flows, problems = [], []
    for entry in (entry for found in per_module for entry in found):
        same_name = [known for known in flows if known.flow.name == entry.flow.name]
        # Another module may have imported a flow, or its module a second time by another name.
        if any(is_same_flow(known, entry) for known in same_name):
            continue
        flows.append(entry)
        if same_name:
            first, place = same_name[0].place, entry.place
            names = entry.flow.name, repository.relative(first.path), first.line
            file = repository.relative(place.path)
            text = 'Two flows are named "%s": %s:%d and %s:%d.' % (names + (file, place.line))
            hint = "Give one of them another name, or choose by variable: `path.py:variable`."
            problems.append(problem("NAME_CONFLICT", text, file, place.line, hint=hint))
    return flows, problems
