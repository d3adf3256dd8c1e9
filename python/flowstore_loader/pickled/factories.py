"""Functions and methods that return flows: they are called if `flows` names them."""

import functools
import inspect

from ..flows import value_at
from ..problems import import_problem, problem
from .discovery import found_flows

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, List, Optional, Tuple

    from ..flows import FoundFlow
    from ..groups import Group
    from ..problems import Problem
    from .discovery import FlowLocations

# A task has `__wrapped__` too, so that alone makes no function.
WRAPPERS = (functools.partial, type(functools.lru_cache()(len)))


def flows_made_by(
    name: str,
    module: "types.ModuleType",
    group: "Group",
    flow_class: type,
    locations: "FlowLocations",
) -> "Tuple[List[FoundFlow], Optional[Problem]]":
    """The flows that a function or a method of a class returns, or why there are none."""
    repository = locations.repository
    file = repository.relative(str(repository.module_file(module)))
    value = value_at(module, name)
    held = found_flows([(name, value)], module, group, flow_class, locations)
    if held:
        return held, None
    reason = not_callable_reason(value)
    if reason:
        hint = "Name a flow, or a function that returns flows and needs no arguments."
        return [], problem("FLOW_NOT_FOUND", f"`{name}` in {file} {reason}.", file, hint=hint)
    try:
        returned = value()
        # A generator runs now.
        if hasattr(type(returned), "__next__"):
            returned = list(returned)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        failure = import_problem(
            error, file, repository, lambda package: False, group.roots, lambda error, file: None
        )
        failure["message"] = f"{name}() of {file} failed: {failure['message']}"
        return [], failure
    flows = found_flows([(name, returned)], module, group, flow_class, locations)
    if flows:
        return flows, None
    text = f"{name}() of {file} returns {text_of(returned)}, not a flow or a list of flows."
    hint = f"End `{name}` with `return flow`."
    return [], problem("FLOW_NOT_FOUND", text, file, hint=hint)


def not_callable_reason(value: "Any") -> "Optional[str]":
    """Why a value can't be called for its flows; None if it can."""
    if inspect.isclass(value):
        return "is a class, not a flow"
    if not inspect.isroutine(value) and not isinstance(value, WRAPPERS):
        return f"is {text_of(value)}, not a flow"
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [
        f"`{each.name}`"
        for each in parameters
        if each.default is each.empty and each.kind not in variable
    ]
    return f"requires the argument {', '.join(required)}" if required else None


def text_of(value: "Any") -> str:
    if value is None:
        return "None"
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    if isinstance(value, (list, tuple, dict, set)):
        return f"{article} {kind} without a flow"
    return f"{article} {kind}"
