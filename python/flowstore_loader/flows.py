"""The flows found in modules: selects the wanted ones and checks that names are unique."""

from .problems import problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Tuple

    from .groups import Group
    from .problems import Problem
    from .repository import Repository


class Location:
    """The module-level statement that created a flow, and the namespace of its module."""

    def __init__(self, path: str, line: int, namespace: "Dict[str, Any]") -> None:
        self.path = path
        self.line = line
        self.namespace = namespace

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

    @property
    def name(self) -> str:
        return self.flow.name

    def is_same(self, other: "FoundFlow") -> bool:
        """Whether it is the same flow: imported, or created by one module under two names."""
        one, two = self.location, other.location
        if self.flow is other.flow:
            return True
        is_same_line = (one.path, one.line) == (two.path, two.line)
        return is_same_line and one.namespace is not two.namespace


def select_flows(
    found: "List[FoundFlow]", request: "Dict[str, Any]"
) -> "Tuple[List[FoundFlow], List[Problem]]":
    """The flows of a module that a request wants, and the problems."""
    file, wanted_names = request["file"], request["flows"]
    if not found and (request["explicit"] or wanted_names):
        hint = "Bind the flow to a variable at the top level of the module."
        return [], [problem("FLOW_NOT_FOUND", f"No flow found in {file}.", file, hint=hint)]
    if wanted_names is None:
        return found, []
    chosen: List[FoundFlow] = []
    problems = []
    for wanted in wanted_names:
        matches = [flow for flow in found if flow.name == wanted]
        matches = matches or [flow for flow in found if wanted in flow.variables]
        chosen += matches
        if not matches:
            names = ", ".join(dict.fromkeys(f'"{flow.name}"' for flow in found))
            text = f'No flow "{wanted}" in {file}; it has {names}.'
            problems.append(problem("FLOW_NOT_FOUND", text, file))
    return [flow for flow in found if flow in chosen], problems


def merge_flows(
    found: "Iterable[FoundFlow]", repository: "Repository"
) -> "Tuple[List[FoundFlow], List[Problem]]":
    """The flows of all modules, each once, and the conflicts of their names."""
    flows: Dict[str, List[FoundFlow]] = {}
    merged, problems = [], []
    for flow in found:
        same_name = flows.setdefault(flow.name, [])
        if any(known.is_same(flow) for known in same_name):
            continue
        if same_name:
            problems.append(name_conflict(same_name[0], flow, repository))
        same_name.append(flow)
        merged.append(flow)
    return merged, problems


def name_conflict(first: FoundFlow, second: FoundFlow, repository: "Repository") -> "Problem":
    one, two = first.location.text(repository), second.location.text(repository)
    text = f'Two flows are named "{second.name}": {one} and {two}.'
    hint = "Give one of them another name, or choose by variable: `path.py:variable`."
    file = repository.relative(second.location.path)
    return problem("NAME_CONFLICT", text, file, second.location.line, hint=hint)
