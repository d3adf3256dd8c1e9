"""The flows found in modules: selects the wanted ones and checks that names are unique."""

import inspect
import os

from .generation import seen_clauses
from .problems import problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, Iterable, List, Tuple

    from .generation import Builder, FlowFinder
    from .groups import Group
    from .problems import Problem
    from .repository import Repository

ALL = "*"
"""In the names of wanted flows: every flow of the module, beside those that are named."""

ABSENT = object()


class Location:
    """The statement that created a flow, and the namespace of its module."""

    def __init__(self, path: str, line: int, namespace: "Dict[str, Any]") -> None:
        self.path = path
        self.line = line
        self.namespace = namespace
        self.is_copy = False
        """Whether the flow is a copy of another."""

    def is_same_line(self, other: "Location") -> bool:
        """Whether it is the same line, maybe of a folder that has a second name by a link."""
        if self.line != other.line:
            return False
        return self.path == other.path or unlinked_path(self.path) == unlinked_path(other.path)

    def text(self, repository: "Repository") -> str:
        return f"{repository.relative(self.path)}:{self.line}"


class FoundFlow:
    """A flow at the top level of a module, with the variables that lead to it."""

    def __init__(self, flow: "Any", location: Location, group: "Group", module_path: str) -> None:
        self.flow = flow
        self.location = location
        self.group = group
        self.module_path = module_path
        self.variables: List[str] = []
        self.counts = True
        """Whether a request for all flows of the module wants it."""

    @property
    def name(self) -> str:
        return self.flow.name

    def is_same(self, other: "FoundFlow") -> bool:
        """Whether it is the same flow: imported, or created by one module under two names."""
        one, two = self.location, other.location
        if self.flow is other.flow:
            return True
        return one.is_same_line(two) and one.namespace is not two.namespace

    @property
    def code_path(self) -> str:
        """The file whose code makes the flow."""
        return self.location.path

    def is_at_home(self) -> bool:
        """Whether it was found in the module that created it."""
        return self.module_path == self.code_path


def unlinked_path(path: str) -> str:
    """A path without links of folders. A link to a file stays: it has neighbours of its own."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def select_flows(
    module: "types.ModuleType", group: "Group", request: "Dict[str, Any]", finder: "FlowFinder"
) -> "Tuple[List[FoundFlow], List[Problem]]":
    """The flows of a module that a request wants, and the problems."""
    found, file = finder.flows_of(module, group), request["file"]
    if request["flows"] is None:
        if found or not request["explicit"]:
            return [flow for flow in found if flow.counts], []
        refused = finder.refused_in(module)
        if refused:
            return [], [refusal(f"No flow in {file} can be stored.", file, refused)]
        return [], [not_found(f"No flow found in {file}", file, [], finder.builders_of(module))]
    chosen: List[FoundFlow] = []
    made: List[FoundFlow] = []
    problems = []
    for wanted in request["flows"]:
        is_all = wanted == ALL
        matches = [f for f in found if (is_all and f.counts) or f.name == wanted]
        matches = matches or [flow for flow in found if wanted in flow.variables]
        chosen += matches
        failure = None
        if wanted == ALL:
            continue
        if not matches and value_at(module, wanted) is not ABSENT:
            flows, failure = finder.flows_made_by(wanted, module, group)
            made += flows
        elif not matches and refused_flows(finder.refused_in(module), wanted):
            refused = refused_flows(finder.refused_in(module), wanted)
            failure = refusal(f'The flow "{wanted}" in {file} can\'t be stored.', file, refused)
        elif not matches:
            builders = finder.builders_of(module)
            failure = not_found(f'No flow "{wanted}" in {file}', file, found, builders)
        problems += [failure] if failure else []
    return [flow for flow in found if flow in chosen] + made, problems


def value_at(module: "types.ModuleType", name: str) -> "Any":
    """What `variable`, or `Class.attribute`, is in a module; ABSENT if it has none."""
    variable, *attributes = name.split(".")
    value = vars(module).get(variable, ABSENT)
    for attribute in attributes:
        value = getattr(value, attribute, ABSENT) if inspect.isclass(value) else ABSENT
    return value


def refused_flows(refused: "List[Dict[str, Any]]", name: str) -> "List[Dict[str, Any]]":
    """Those with a name, which may be that of the function."""
    return [each for each in refused if each["name"] in (name, name.replace("_", "-"))]


def refusal(text: str, file: str, refused: "List[Dict[str, Any]]") -> "Problem":
    """The problem of flows that can't be stored, with the reason for each."""
    lines = [
        f'{each["file"]}:{each["line"]}: flow "{each["name"]}": {each["why"]}' for each in refused
    ]
    return problem("FLOW_NOT_FOUND", text, file, refused[0]["line"], "\n".join(lines))


def not_found(
    text: str, file: str, found: "List[FoundFlow]", builders: "List[Builder]"
) -> "Problem":
    """The problem of a flow that a module does not have; names what it has."""
    names = list(dict.fromkeys(f'"{flow.name}"' for flow in found))
    seen = [f"it has the flow{'s' if names[1:] else ''} {', '.join(names)}"] if names else []
    if names:
        # The others may have built the flows that it has.
        builders = [builder for builder in builders if builder.functions]
    seen += seen_clauses(builders)
    hints = [builder.hint.replace("FILE", file) for builder in builders]
    if not names:
        hints.append("Bind the flow to a variable at the top level of the module.")
    text = " ".join(f"{each[0].upper()}{each[1:]}." for each in [text, *seen])
    return problem("FLOW_NOT_FOUND", text, file, hint=hints[0] if hints else None)


def merge_flows(
    found: "Iterable[FoundFlow]", repository: "Repository", names_are_unique: bool
) -> "Tuple[List[FoundFlow], List[Problem]]":
    """The flows of all modules, each once, and the conflicts of their names."""
    flows: Dict[str, List[FoundFlow]] = {}
    merged: List[FoundFlow] = []
    problems = []
    for flow in found:
        same_name = flows.setdefault(flow.name, [])
        same = next((known for known in same_name if known.is_same(flow)), None)
        if same:
            if flow.is_at_home() and not same.is_at_home():
                same_name[same_name.index(same)] = merged[merged.index(same)] = flow
            continue
        if same_name and names_are_unique:
            problems.append(name_conflict(same_name[0], flow, repository))
        same_name.append(flow)
        merged.append(flow)
    return merged, problems


def name_conflict(first: FoundFlow, second: FoundFlow, repository: "Repository") -> "Problem":
    one, two = first.location.text(repository), second.location.text(repository)
    text = f'Two flows are named "{second.name}": {one} and {two}.'
    hint = "Give one of them another name, or choose by variable: `path.py:variable`."
    file = repository.relative(second.location.path)
    if second.location.is_copy:
        hint = "The second is a copy, which keeps the name: set its `name` after the copy."
    paths = first.location.path, second.location.path
    if paths[0] != paths[1] and os.path.samefile(*paths):
        link = next((path for path in paths if os.path.islink(path)), paths[1])
        other = repository.relative(link)
        hint = f"Both are one file, by a link. Leave one out with a line `!{other}` in `flows`."
    return problem("NAME_CONFLICT", text, file, second.location.line, hint=hint)
