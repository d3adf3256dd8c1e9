"""Serializes flows: their pickles, their descriptions, and the fields for registration."""

import contextlib
import functools
import os

from ..answers import as_json
from ..generation import SerializedFlows
from ..marks import marked_flows
from ..problems import error_text
from ..releases import is_since
from .description import describe_flow
from .function_imports import function_imports, pickle_loaded
from .helpers import plan_helpers
from .modules_by_value import modules_by_value, names_by_value
from .moved_paths import with_moved_paths
from .registration import registration_fields, serialize_problem
from .revealed import RevealedVariables
from .shared_globals import dumps
from .unpicklable import path_to_unpicklable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, List, Optional, Set, Tuple

    from ..flows import FoundFlow
    from ..groups import Group
    from ..imports import Imports
    from ..problems import Problem
    from ..protocol import Request

    Entry = Tuple[FoundFlow, Dict[str, Any]]


def serialize_flows(
    flows: "List[FoundFlow]",
    groups: "List[Group]",
    imports: "Imports",
    request: "Request",
    output: str,
) -> SerializedFlows:
    """Writes `flows/N.pickle` for each flow, and `flows/N.json` if the request asks for it."""
    import prefect

    result = SerializedFlows()
    repository = imports.repository
    by_value = None
    if request["helpers"] == "reference":
        by_value = add_helpers(groups, imports, result)
    revealed = RevealedVariables(request["variables"])
    in_pickles = files_in_pickles(flows, imports, by_value)
    result.in_pickles = sorted(repository.relative(file) for file in in_pickles)
    protocol = pickle_protocol(request["pickleProtocols"], prefect.__version__)
    os.makedirs(os.path.join(output, "flows"), exist_ok=True)
    for index, flow in enumerate(marked_flows(flows, repository)):
        content, failure = pickled_flow(flow, imports, by_value, protocol, revealed)
        if content is None:
            result.problems += [failure] if failure else []
            continue
        content = moved(content, flow, imports, request["carriedTo"])
        file = f"flows/{index}.pickle"
        with open(os.path.join(output, file), "wb") as stream:
            stream.write(content)
        description = describe_flow(flow.flow, request["storageOptions"], repository)
        revealed.in_fields(flow, description, "the flow's description")
        result.flows.append((flow, dict(description, file=file)))
    # Only after all are pickled: Prefect writes slugs into tasks, which flows may share.
    asked = request.get("flowsJson")
    if asked and is_since(prefect.__version__, asked["since"]):
        has_labels = is_since(prefect.__version__, asked["labelsSince"])
        labels = asked["labels"] if has_labels else None
        result.unregistrable = write_registrations(result.flows, imports, labels, output, revealed)
    result.revealed = revealed.found
    return result


def write_registrations(
    entries: "List[Entry]",
    imports: "Imports",
    labels: "Optional[List[str]]",
    output: str,
    revealed: RevealedVariables,
) -> "List[Problem]":
    """As write_registration(), for each flow; returns the problems."""
    descriptions = dict(entries)
    failures = [
        write_registration(flow, descriptions[flow], imports, labels, output, revealed)
        for flow in marked_flows(descriptions, imports.repository)
    ]
    return [failure for failure in failures if failure]


def add_helpers(groups: "List[Group]", imports: "Imports", result: SerializedFlows) -> "Set[str]":
    """Adds the files to ship; returns those that go by value."""
    plan = plan_helpers(groups, imports)
    result.problems += plan.problems
    result.helpers = [
        {"file": imports.repository.relative(file), "path": path}
        for path, file in sorted(plan.shipped.items())
    ]
    return plan.by_value


def moved(
    content: bytes, flow: "FoundFlow", imports: "Imports", carried_to: "Optional[str]"
) -> bytes:
    """A pickle in which `carried_to` replaces the repository's folder, if it is not None."""
    if carried_to is None:
        return content
    files = [file for _, file in imports.modules_for(flow)]
    return with_moved_paths(content, files, imports.repository.root, carried_to)


def files_in_pickles(
    flows: "List[FoundFlow]", imports: "Imports", by_value: "Optional[Set[str]]"
) -> "Set[str]":
    """The files of modules that go into pickles; all that flows need if `by_value` is None.

    Among them are flow modules without a flow, which others import.
    """
    found = set(by_value or ())
    for flow in flows:
        names = names_by_value(flow.group.modules, imports.repository, by_value)
        found.add(flow.module_path)
        found.update(file for name, file in imports.modules_for(flow) if name in names)
    return found


def pickle_protocol(choices: "List[Dict[str, Any]]", version: str) -> "Optional[int]":
    """The last choice that isn't for a later release; None is cloudpickle's default."""
    protocol = None
    for choice in choices:
        if is_since(version, choice["since"]):
            protocol = choice["protocol"]
    return protocol


def pickled_flow(
    flow: "FoundFlow",
    imports: "Imports",
    by_value: "Optional[Set[str]]",
    protocol: "Optional[int]",
    revealed: RevealedVariables,
) -> "Tuple[Optional[bytes], Optional[Problem]]":
    """`(pickle, None)` or `(None, problem)`; if `by_value` is None, all modules go by value."""
    repository, modules = imports.repository, flow.group.modules
    names = names_by_value(modules, repository, by_value)
    make_pickle = functools.partial(dumps, protocol=protocol)
    with contextlib.ExitStack() as stack:
        finder = stack.enter_context(function_imports(flow, imports, by_value is None))
        omitted = unrelated_flow_modules(flow, imports)
        stack.enter_context(modules_by_value(modules, names, omitted))
        try:
            pickle_loaded(finder, make_pickle)
            content = make_pickle(flow.flow)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            path = path_to_unpicklable(flow.flow, make_pickle)
            reason = ": ".join(filter(None, [path, error_text(error)]))
            text = f'Flow "{flow.name}" can\'t be pickled: {reason}'
            return None, serialize_problem(flow, repository, text, error, pickle_hint(error))
        revealed.in_pickle(flow.flow, content, make_pickle)
        return content, None


def pickle_hint(error: BaseException) -> str:
    if "Pickling context objects" in str(error):
        return (
            "Write `import prefect` and use `prefect.context` inside the task's function, instead "
            "of `from prefect import context`."
        )
    return "Make such a value inside the task's function, when it runs."


def unrelated_flow_modules(flow: "FoundFlow", imports: "Imports") -> "List[types.ModuleType]":
    """Flow modules that a flow's module doesn't import, even if its package has them."""
    repository = imports.repository
    others = repository.flow_files - {file for _, file in imports.modules_for(flow)}
    modules = flow.group.modules.values()
    return [module for module in modules if repository.module_file(module) in others]


def write_registration(
    flow: "FoundFlow",
    description: "Dict[str, Any]",
    imports: "Imports",
    labels: "Optional[List[str]]",
    output: str,
    revealed: RevealedVariables,
) -> "Optional[Problem]":
    """Writes a flow's fields to a file that its description then names; or returns a problem.

    They are in a separate file because the result is read as a whole, and the fields of many flows
    are too large for it.
    """
    fields, failure = registration_fields(flow, imports.repository, labels)
    if fields is None:
        return failure
    revealed.in_fields(flow, fields, "flows.json")
    description["serialized"] = description["file"].replace(".pickle", ".json")
    with open(os.path.join(output, description["serialized"]), "w", encoding="utf-8") as stream:
        stream.write(as_json(fields))
    return None
