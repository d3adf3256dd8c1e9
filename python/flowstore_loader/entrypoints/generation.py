"""Prefect 2.13 and later, as the core sees it."""

import contextlib
import inspect

from ..flows import refusal, refused_flows
from ..generation import FlowFinder, Generation, SerializedFlows
from ..interpreter import installed_version
from ..marks import marked_flows
from ..problems import error_text, problem
from .builders import builders_of
from .calls import FlowCalls, registry
from .details import details_of
from .discovery import ModuleFlows
from .earlier_releases import signs_of_earlier_releases
from .flow_run import run_flow
from .import_hints import import_hint
from .importing import ModuleImports, locate
from .isolated import checked_apart
from .loading import loads_classes, read_flow
from .warm_up import warm_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Callable, Container, Dict, Iterator, List, Optional, Tuple

    from ..flows import FoundFlow
    from ..generation import Builder
    from ..groups import Group
    from ..imports import Imports
    from ..other_generation import Sign
    from ..problems import Problem
    from ..protocol import Request, Result, StoredFlow
    from ..repository import Repository


class EntrypointFinder(FlowFinder):
    """See FlowFinder."""

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self.has_classes = loads_classes()
        self.half_made: Dict[int, Any] = {}
        self.unaddressable: List[Dict[str, Any]] = []
        self._known: Dict[str, ModuleFlows] = {}

    def flows_of(self, module: "types.ModuleType", group: "Group") -> "List[FoundFlow]":
        file = str(self.repository.module_file(module))
        flows = ModuleFlows(module, file, group, self.repository, self.has_classes, self.half_made)
        self._known[file] = flows
        for entry in self.refused_in(module):
            self.unaddressable += [] if entry in self.unaddressable else [entry]
        return list(flows.found.values())

    def refused_in(self, module: "types.ModuleType") -> "List[Dict[str, Any]]":
        known = self._known.get(str(self.repository.module_file(module)))
        return [
            {
                "name": each.name,
                "file": self.repository.relative(each.code.path),
                "line": each.code.line,
                "why": each.why,
            }
            for each in (known.unaddressable.values() if known else ())
        ]

    def flows_made_by(
        self, name: str, module: "types.ModuleType", group: "Group"
    ) -> "Tuple[List[FoundFlow], Optional[Problem]]":
        """Nothing: a run of Prefect finds variables, and calls no function."""
        file = self.repository.relative(str(self.repository.module_file(module)))
        what = "is no flow that an entrypoint can name" if "." in name else "is not a flow"
        text = f"`{name}` in {file} {what}."
        refused = refused_flows(self.refused_in(module), name)
        if refused:
            return [], refusal(text, file, refused)
        builders = self.builders_of(module)
        hints = [each.hint for each in builders if name in each.functions]
        hint = hints[0] if hints else f"Bind the flow to a variable: `flow = {name}()`."
        return [], problem("FLOW_NOT_FOUND", text, file, hint=hint.replace("FILE", file))

    def builders_of(self, module: "types.ModuleType") -> "List[Builder]":
        # Functions that return a flow don't matter if the flow was found.
        if self.refused_in(module):
            return []
        return builders_of(str(self.repository.module_file(module)))


class EntrypointFlows(Generation):
    """See Generation; each method calls the module for its task."""

    names_are_unique = False
    runs_in_sources = True

    def __init__(self) -> None:
        self.flow_calls = FlowCalls(None)

    def import_prefect(self) -> "Dict[str, str]":
        import prefect
        import prefect.flows

        cloudpickle = installed_version("cloudpickle") or "0"
        return {"prefect": prefect.__version__, "cloudpickle": cloudpickle}

    def warm_up(self) -> None:
        warm_up()

    @contextlib.contextmanager
    def importing(
        self, repository: "Repository", variables: "Dict[str, str]"
    ) -> "Iterator[FlowFinder]":
        self.flow_calls = FlowCalls(repository)
        self.modules = ModuleImports(repository)
        self.finder = EntrypointFinder(repository)
        with self.flow_calls.replaced():
            yield self.finder

    def locate(
        self, file: str, imports: "Imports", loaded: "Container[str]"
    ) -> "Tuple[str, Tuple[str, ...]]":
        return locate(file, imports)

    def import_module(
        self, name: str, file: str, group: "Group", imports: "Imports"
    ) -> "types.ModuleType":
        with registry() as loading, self.flow_calls.unhandled():
            try:
                module = self.modules.load(name, file, group, imports)
            except Exception:
                # What Prefect 2 could not make is the cause of what fails after it.
                half_made_flows(loading)
                raise
            self.finder.half_made.update(half_made_flows(loading))
        return module

    def other_generation(self, file: str) -> "List[Sign]":
        return signs_of_earlier_releases(file)

    def unaddressable(self) -> "List[Dict[str, Any]]":
        return self.finder.unaddressable

    def calls(self) -> "List[Dict[str, Any]]":
        return self.flow_calls.ignored()

    def import_hint(self, error: BaseException, file: str) -> "Optional[str]":
        import prefect

        return import_hint(error, file, prefect.__version__, self.calls())

    def declared_dependencies(self, files: "List[str]") -> "List[str]":
        return []

    def serialize(
        self,
        flows: "List[FoundFlow]",
        groups: "List[Group]",
        imports: "Imports",
        request: "Request",
        output: str,
    ) -> SerializedFlows:
        """Adds each flow's entrypoint and details."""
        result = SerializedFlows()
        flow: Any
        for flow in marked_flows(flows, imports.repository):
            place = self.modules.place(flow.module_path)
            try:
                details = details_of(flow.flow)
            except Exception as error:
                text = f'Flow "{flow.name}" can\'t be described: {error_text(error)}'
                file = imports.repository.relative(flow.location.path)
                failure = problem("FLOW_SERIALIZE", text, file, flow.location.line)
                result.problems.append(failure)
                continue
            entrypoint = f"{place}:{flow.attribute()}"
            result.flows.append((flow, {"entrypoint": entrypoint, "details": details}))
        return result

    def read_flow(self, stored: "StoredFlow") -> "Any":
        return read_flow(stored)

    def checked(
        self, flows: "List[StoredFlow]", check_flow: "Callable[[StoredFlow], Result]"
    ) -> "List[Result]":
        return checked_apart(flows, check_flow)

    def check_flow(self, flow: "Any", checks: "Dict[str, Any]") -> "Result":
        return {"details": details_of(flow)}

    def read_storage(self, document: str) -> None:
        """Prefect has no storages any more."""

    def run_flow(self, flow: "Any", parameters: "Dict[str, Any]") -> "Result":
        return run_flow(flow, parameters)


def raise_at(function: "Any", error: BaseException) -> None:
    """Raises an error as if the function's first line, its decorator, had raised it."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        raise error
    statement = "\n" * (code.co_firstlineno - 1) + "raise error"
    exec(compile(statement, code.co_filename, "exec"), {"error": error})


def half_made_flows(loading: "Any") -> "Dict[int, Any]":
    """The flows that Prefect 2 could not make for a class, by their id, with what they are of.

    Raises any other reason why a flow or a task of the module could not be made, which Prefect 2
    only notes.
    """
    if loading is None:
        return {}
    from prefect.flows import Flow
    from prefect.tasks import Task

    found: Dict[int, Any] = {}
    kinds: Any = (Flow, Task)
    for kind in kinds:
        for error, made, args, kwargs in loading.get_instance_failures(kind):
            function = kwargs.get("fn", args[0] if args else None)
            if not isinstance(function, (staticmethod, classmethod)):
                raise_at(function, error)
            found[id(made)] = function
    return found
