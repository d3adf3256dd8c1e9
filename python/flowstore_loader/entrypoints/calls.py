"""Calls of flows, and of Prefect's API, by modules that are only loaded."""

import contextlib
import functools
import importlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

    from ..repository import Repository

NO_API = "No Prefect API URL provided"
"""How Prefect 3 says that a client has no server."""


class FlowCallError(RuntimeError):
    """A module calls a flow while it is imported."""


class FlowCalls:
    """The calls of flows of modules while they are loaded.

    Prefect 2 ignores such a call; 3 runs the flow, each time that its module is imported.
    """

    def __init__(self, repository: "Optional[Repository]") -> None:
        self.repository = repository
        self._found: Dict[Tuple[str, Optional[str], Optional[int]], Optional[FlowCallError]] = {}

    def ignored(self) -> "List[Dict[str, Any]]":
        """`{call, file, line}` of each call that has no effect."""
        return [
            {"call": call, "file": file, "line": line}
            for (call, file, line), refusal in self._found.items()
            if refusal is None
        ]

    @contextlib.contextmanager
    def unhandled(self) -> "Iterator[None]":
        """Raises a FlowCallError of a module that has caught it."""
        before = len(self._found)
        yield
        for refusal in list(self._found.values())[before:]:
            # Its traceback has the line of the call.
            if refusal is not None:
                raise refusal

    @contextlib.contextmanager
    def replaced(self) -> "Iterator[None]":
        """Replaces what would run a flow, or start a server, meanwhile."""
        from prefect.flows import Flow
        from prefect.utilities import importtools

        replacements: List[Tuple[Any, str, Any]] = [
            (Flow, "__call__", self._answer("")),
            (Flow, "serve", self._answer(".serve")),
            (Flow, "deploy", self._answer(".deploy")),
            (importtools, "load_script_as_module", self._loading_once_at_a_time(importtools)),
        ]
        if has_registry():
            clients = vars(sys.modules.get("prefect.client.orchestration", sys))
            for name in ("PrefectClient", "SyncPrefectClient"):
                if isinstance(clients.get(name), type):
                    original = clients[name].__init__
                    replacements.append((clients[name], "__init__", without_server(original)))
        kept = [(o, name, vars(o)[name], new) for o, name, new in replacements if name in vars(o)]
        for owner, name, _, replacement in kept:
            setattr(owner, name, replacement)
        try:
            yield
        finally:
            for owner, name, original, _ in kept:
                setattr(owner, name, original)

    def _answer(self, method: str) -> "Callable[..., Any]":
        can_ignore = not method and has_registry()

        def answer(flow: "Any", *args: "Any", **kwargs: "Any") -> "Any":
            call = f"{getattr(flow.fn, '__name__', flow.name)}{method}()"
            if not can_ignore:
                raise self._refusal(call)
            file, line = self._position()
            self._found[(call, file, line)] = None

        return answer

    def _refusal(self, call: str) -> FlowCallError:
        error = FlowCallError(f"the module calls `{call}` while it is imported")
        file, line = self._position()
        self._found[(call, file, line)] = error
        return error

    def _loading_once_at_a_time(self, importtools: "Any") -> "Callable[[str], Any]":
        """Prefect's function that loads a file.

        In most releases of Prefect 3 it takes a lock, and waits for ever if the file has Prefect
        load another one, as `from_source` of a folder does.
        """
        original: Callable[[str], Any] = importtools.load_script_as_module

        @functools.wraps(original)
        def load(path: str) -> "Any":
            lock = getattr(importtools, "_sys_path_lock", None)
            if lock is None or not lock.locked():
                return original(path)
            raise self._refusal("from_source()")

        return load

    def _position(self) -> "Tuple[Optional[str], Optional[int]]":
        frame = sys._getframe(1)
        while frame and self.repository:
            path = self.repository.path(frame.f_code.co_filename)
            if self.repository.owns(path):
                return self.repository.relative(path), frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return None, None


def without_server(original: "Callable[..., Any]") -> "Callable[..., Any]":
    """The constructor of Prefect 2's clients, which would start a server in this process."""

    @functools.wraps(original)
    def initialize(client: "Any", api: "Any", *args: "Any", **kwargs: "Any") -> None:
        if not isinstance(api, str):
            raise ValueError(NO_API)
        original(client, api, *args, **kwargs)

    return initialize


def has_registry() -> bool:
    """Whether Prefect loads modules in a registry, in which calls of flows have no effect."""
    return "PrefectObjectRegistry" in vars(importlib.import_module("prefect.context"))


@contextlib.contextmanager
def registry() -> "Iterator[Any]":
    """What surrounds a load in Prefect's own `load_flow_from_entrypoint`."""
    if not has_registry():
        yield None
        return
    from prefect.context import PrefectObjectRegistry

    with PrefectObjectRegistry(block_code_execution=True, capture_failures=True) as loading:
        yield loading
