"""Prefect 0.5.4 to 1.4.1, as the core sees it."""

import contextlib
import os

from ..generation import FlowFinder, Generation, SerializedFlows
from ..groups import imports_neighbours, locate
from ..modules import import_flow_module
from .builders import builders_of
from .dependencies import declared_dependencies
from .discovery import FlowLocations, flows_of_module
from .factories import flows_made_by
from .flow_run import run_flow
from .helpers import foreign_names
from .ignored_calls import IgnoredCalls
from .import_hints import import_hint
from .later_releases import signs_of_later_releases
from .moved_paths import register_paths
from .old_cloudpickle import register_reducers
from .release_checks import check_flow, read_storage
from .serialization import serialize_flows
from .stored_flow import read_flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Container, Dict, Iterator, List, Optional, Set, Tuple

    from ..flows import FoundFlow
    from ..generation import Builder
    from ..groups import Group
    from ..imports import Imports
    from ..other_generation import Sign
    from ..problems import Problem
    from ..protocol import Request, Result, StoredFlow
    from ..repository import Repository


class PickledFlowFinder(FlowFinder):
    """See FlowFinder; each method calls the module for its task."""

    def __init__(self, locations: FlowLocations, flow_class: type) -> None:
        self.locations = locations
        self.flow_class = flow_class

    def flows_of(self, module: "types.ModuleType", group: "Group") -> "List[FoundFlow]":
        return flows_of_module(module, group, self.flow_class, self.locations)

    def flows_made_by(
        self, name: str, module: "types.ModuleType", group: "Group"
    ) -> "Tuple[List[FoundFlow], Optional[Problem]]":
        return flows_made_by(name, module, group, self.flow_class, self.locations)

    def builders_of(self, module: "types.ModuleType") -> "List[Builder]":
        file = str(self.locations.repository.module_file(module))
        builders = builders_of(module, file, self.flow_class)
        called = {name for path, name in self.locations.builders if path == file}
        # Another module has called the others.
        return [builder for builder in builders if called.isdisjoint(builder.functions)]


class PickledFlows(Generation):
    """See Generation; each method calls the module for its task."""

    def import_prefect(self) -> "Dict[str, str]":
        import cloudpickle
        import prefect

        prefect.Flow  # noqa: B018
        return {"prefect": prefect.__version__, "cloudpickle": cloudpickle.__version__}

    @contextlib.contextmanager
    def importing(
        self, repository: "Repository", variables: "Dict[str, str]"
    ) -> "Iterator[FlowFinder]":
        import prefect

        # Modules may pickle while they are imported, or register reducers that replace these.
        register_reducers()
        register_paths()
        locations = self.locations = FlowLocations(repository)
        self.ignored_calls = IgnoredCalls(repository)
        # Modules may ask for `loading_flow`, which newer releases set when they load a flow's file.
        with contextlib.ExitStack() as stack:
            stack.enter_context(locations.recorded(prefect.Flow))
            stack.enter_context(self.ignored_calls.replaced())
            stack.enter_context(prefect.context(loading_flow=True))
            yield PickledFlowFinder(locations, prefect.Flow)

    def locate(
        self, file: str, imports: "Imports", loaded: "Container[str]"
    ) -> "Tuple[str, Tuple[str, ...]]":
        name, folders = locate(file, imports.repository, loaded)
        if imports_neighbours(name, file, folders, imports):
            folders = (os.path.dirname(file), *folders)
        return name, folders

    def import_module(
        self, name: str, file: str, group: "Group", imports: "Imports"
    ) -> "types.ModuleType":
        return import_flow_module(name, file, imports.repository)

    def other_generation(self, file: str) -> "List[Sign]":
        return signs_of_later_releases(file)

    def calls(self) -> "List[Dict[str, Any]]":
        return self.ignored_calls.found

    def functions_that_built(self) -> "Set[Tuple[str, str]]":
        return self.locations.builders

    def foreign_names(self, groups: "List[Group]", imports: "Imports") -> "Set[str]":
        return foreign_names(groups, imports)

    def import_hint(self, error: BaseException, file: str) -> "Optional[str]":
        return import_hint(error, self.ignored_calls.are_in(file))

    def declared_dependencies(self, files: "List[str]") -> "List[str]":
        return declared_dependencies(files)

    def serialize(
        self,
        flows: "List[FoundFlow]",
        groups: "List[Group]",
        imports: "Imports",
        request: "Request",
        output: str,
    ) -> SerializedFlows:
        return serialize_flows(flows, groups, imports, request, output)

    def read_flow(self, stored: "StoredFlow") -> "Any":
        return read_flow(stored["name"], stored["path"], stored["content"])

    def check_flow(self, flow: "Any", checks: "Dict[str, Any]") -> "Result":
        return check_flow(flow, checks)

    def read_storage(self, document: str) -> None:
        read_storage(document)

    def run_flow(self, flow: "Any", parameters: "Dict[str, Any]") -> "Result":
        return run_flow(flow, parameters)
