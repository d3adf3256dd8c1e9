"""What differs between generations of Prefect: the interface, and the choice of a generation.

The core calls only this interface. The package of a generation may use the core.
"""

import functools

from .marks import marked_stored_flows
from .releases import is_since

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import (
        Any,
        Callable,
        Collection,
        Container,
        ContextManager,
        Dict,
        List,
        Optional,
        Sequence,
        Set,
        Tuple,
    )

    from .flows import FoundFlow
    from .groups import Group
    from .imports import Imports
    from .other_generation import Sign
    from .problems import Problem
    from .protocol import Request, Result, StoredFlow
    from .repository import Repository


class FlowFinder:
    """Finds the flows of imported modules."""

    def flows_of(self, module: "types.ModuleType", group: "Group") -> "List[FoundFlow]":
        """The flows at the top level of a module."""
        raise NotImplementedError

    def flows_made_by(
        self, name: str, module: "types.ModuleType", group: "Group"
    ) -> "Tuple[List[FoundFlow], Optional[Problem]]":
        """The flows that the function `name` of a module returns, or why there are none."""
        raise NotImplementedError

    def builders_of(self, module: "types.ModuleType") -> "List[Builder]":
        """What in a module's source would build a flow, but has not run."""
        raise NotImplementedError

    def refused_in(self, module: "types.ModuleType") -> "List[Dict[str, Any]]":
        """The flows of a module that can't be stored: `name`, `file`, `line` and `why`."""
        return []


class Builder:
    """Code that would build a flow, but did not run when its module was imported."""

    def __init__(
        self, seen: str, hint: str, functions: "Collection[str]" = (), factory: str = ""
    ) -> None:
        self.seen = seen
        """A clause: "the function `f` builds a flow"."""
        self.hint = hint
        self.functions = functions
        """The names of the function, or of the methods of the class; empty for other statements."""
        self.factory = factory
        """The name of a function that needs no arguments and returns something; else empty."""


MOST_NAMED = 5
"""Functions that are named in one clause."""


def seen_clauses(builders: "Sequence[Builder]") -> "List[str]":
    """What is seen in a module: one clause for all functions that `flows` can name."""
    names = [f"`{builder.factory}`" for builder in builders if builder.factory]
    if not names[1:]:
        return [builder.seen for builder in builders]
    more = f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
    functions = f"the functions {', '.join(names[:MOST_NAMED])}{more} build flows"
    return [functions, *(builder.seen for builder in builders if not builder.factory)]


class SerializedFlows:
    """The flows that a generation serialized, for the result of a load."""

    def __init__(self) -> None:
        self.flows: List[Tuple[FoundFlow, Dict[str, Any]]] = []
        """Each flow that was serialized, with the generation's own fields of its description."""
        self.helpers: List[Dict[str, str]] = []
        """Files of the repository that the flows need at run time."""
        self.in_pickles: List[str] = []
        """Files of the repository whose modules went into pickles."""
        self.problems: List[Problem] = []
        self.unregistrable: List[Problem] = []
        """Why flows can be stored, but not registered from a file."""
        self.revealed: List[Dict[str, str]] = []
        """Variables of the request whose values are in flows: `{variable, flow, where}`."""


class Generation:
    """A generation of Prefect. Results are parts of those in `src/python/protocol/protocol.ts`."""

    names_are_unique = True
    """Whether two flows of one name are a conflict."""
    runs_in_sources = False
    """Whether a flow runs with the repository as its working directory, so that paths hold."""

    def import_prefect(self) -> "Dict[str, str]":
        """Imports what loading needs, before the user's folders are on `sys.path`.

        Returns the versions of the relevant packages. Raises the errors of the import.
        """
        raise NotImplementedError

    def warm_up(self) -> None:
        """Imports what only the first use of Prefect imports; a session does it once."""

    def importing(
        self, repository: "Repository", variables: "Dict[str, str]"
    ) -> "ContextManager[FlowFinder]":
        """Surrounds the import of flow modules; `variables` are those of the request."""
        raise NotImplementedError

    def locate(
        self, file: str, imports: "Imports", loaded: "Container[str]"
    ) -> "Tuple[str, Tuple[str, ...]]":
        """`(dotted name, folders that are first on `sys.path`)` of a flow module.

        `loaded` are the names of the repository's modules that are imported already.
        """
        raise NotImplementedError

    def import_module(
        self, name: str, file: str, group: "Group", imports: "Imports"
    ) -> "types.ModuleType":
        """Imports a flow module that `locate` has named; raises the errors of its code."""
        raise NotImplementedError

    def other_generation(self, file: str) -> "List[Sign]":
        """What in a file's source is of another generation, in the order of the source."""
        raise NotImplementedError

    def unaddressable(self) -> "List[Dict[str, Any]]":
        """Flows that nothing can name: `{name, file, line, why}` of each."""
        return []

    def calls(self) -> "List[Dict[str, Any]]":
        """Calls of the imported modules that had no effect: `{call, file, line}` of each."""
        raise NotImplementedError

    def functions_that_built(self) -> "Set[Tuple[str, str]]":
        """`(file, name)` of each function of the repository that has built a flow."""
        return set()

    def foreign_names(self, groups: "List[Group]", imports: "Imports") -> "Set[str]":
        """Top-level names of what is not the repository's, if helper modules go beside flows."""
        return set()

    def import_hint(self, error: BaseException, file: str) -> "Optional[str]":
        """What to do about an exception that comes from a use of Prefect, or None.

        `file`, relative to the repository, is the user's file that raised it.
        """
        raise NotImplementedError

    def declared_dependencies(self, files: "List[str]") -> "List[str]":
        """Requirements that files declare, read without importing them."""
        raise NotImplementedError

    def serialize(
        self,
        flows: "List[FoundFlow]",
        groups: "List[Group]",
        imports: "Imports",
        request: "Request",
        output: str,
    ) -> SerializedFlows:
        """Writes flows to files below the folder `output`."""
        raise NotImplementedError

    def read_flow(self, stored: "StoredFlow") -> "Any":
        """A stored flow; raises the errors of reading it."""
        raise NotImplementedError

    def checked(
        self, flows: "List[StoredFlow]", check_flow: "Callable[[StoredFlow], Result]"
    ) -> "List[Result]":
        """The outcome of `check_flow` for each flow, which this reads."""
        return [check_flow(flow) for flow in marked_stored_flows(flows)]

    def check_flow(self, flow: "Any", checks: "Dict[str, Any]") -> "Result":
        """What the release itself says of a flow: `warnings`, `refused`, `unserializable`.

        `details` too, if the flow has what a load describes so.
        """
        raise NotImplementedError

    def read_storage(self, document: str) -> None:
        """Reads the JSON of a storage as Prefect does; raises the errors of reading it."""
        raise NotImplementedError

    def run_flow(self, flow: "Any", parameters: "Dict[str, Any]") -> "Result":
        """Runs a flow; returns `state`, `successful`, `message` and `detail`."""
        raise NotImplementedError


def import_generation() -> Generation:
    """Imports Prefect and chooses its generation; raises the errors of the import."""
    import prefect

    return generation_of(prefect.__version__)


@functools.lru_cache(maxsize=None)
def generation_of(version: str) -> Generation:
    """The generation of a release of Prefect; only its package is imported."""
    if is_since(version, "2.0.0"):
        from .entrypoints.generation import EntrypointFlows

        return EntrypointFlows()
    from .pickled.generation import PickledFlows

    return PickledFlows()
