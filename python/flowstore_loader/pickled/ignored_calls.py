"""Calls that have no effect while modules are loaded: they build, register or run a flow."""

import functools
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

    from ..repository import Repository

CLIENT_METHODS = "register deploy create_project delete_project create_flow_run set_secret"
# The module and the name of each class, how a call is shown, its methods.
METHODS = (
    ("prefect.core.flow", "Flow", "flow", "run register deploy run_agent visualize"),
    ("prefect.client.client", "Client", "Client()", CLIENT_METHODS),
    ("prefect.agent.agent", "Agent", "agent", "start"),
)
STORAGES = ("prefect.storage", "prefect.environments.storage")
# Their `add_flow` writes a file, or pickles the flow.
KEEPING_CLASSES = ("Local", "LocalStorage", "Bytes")


class IgnoredCalls:
    """Replaces methods of Prefect by ones that only note the call.

    They stay replaced until the process ends: a flow may hold one of them, which goes into its
    pickle by name, as long as Prefect's class has it.
    """

    def __init__(self, repository: "Repository") -> None:
        self.repository = repository
        self._found: Dict[Tuple[str, Optional[str], Optional[int]], None] = {}
        self._added: List[Tuple[Dict[str, Any], Dict[str, Any]]] = []

    @property
    def found(self) -> "List[Dict[str, Any]]":
        """`{call, file, line}` of each statement."""
        return [{"call": call, "file": file, "line": line} for call, file, line in self._found]

    def are_in(self, file: str) -> bool:
        return any(found == file for _, found, _ in self._found)

    def replace(self) -> None:
        for module, class_name, shown, names in METHODS:
            owner = getattr(sys.modules.get(module), class_name, None)
            for name in names.split():
                self._replace(owner, name, shown, give_none)
        for storage in storage_classes():
            for name in ("build", "push_image", "pull_image"):
                self._replace(storage, name, "storage", give_storage)
            self._replace(storage, "add_flow", "storage", self.add_flow)

    def restore_storages(self) -> None:
        """Takes flows out of storages again; with them, a pickle would hold other flows."""
        for values, before in reversed(self._added):
            values.update(before)
        self._added = []

    def _replace(self, owner: "Any", name: str, shown: str, answer: "Callable[..., Any]") -> None:
        original = vars(owner).get(name) if isinstance(owner, type) else None
        if not callable(original):
            return
        call, note = f"{shown}.{name}()", self._note

        @functools.wraps(original)
        def ignored(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
            note(call)
            return answer(original, self, *args, **kwargs)

        setattr(owner, name, ignored)

    def _note(self, call: str) -> None:
        frame: Optional[types.FrameType] = sys._getframe(2)
        while frame:
            path = self.repository.path(frame.f_code.co_filename)
            if self.repository.owns(path):
                self._found[(call, self.repository.relative(path), frame.f_lineno)] = None
                return
            frame = frame.f_back
        self._found[(call, None, None)] = None

    def add_flow(self, original: "Any", storage: "Any", flow: "Any") -> "Any":
        """Adds a flow until the modules are loaded; returns its location."""
        values = vars(storage)
        tables = [name for name in ("flows", "_flows") if isinstance(values.get(name), dict)]
        before = {name: dict(values[name]) for name in tables}
        self._added.append((values, before))
        if type(storage).__name__ not in KEEPING_CLASSES:
            return original(storage, flow)
        for name in tables:
            values[name] = dict(values[name], **{flow.name: flow.name})
        return flow.name


def give_none(original: "Any", self: "Any", *args: "Any", **kwargs: "Any") -> None:
    """What newer releases return while they load a flow's file."""


def give_storage(original: "Any", self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
    return self


def storage_classes() -> "List[type]":
    """Every storage class of Prefect."""

    def with_subclasses(owner: "Any") -> "Iterator[type]":
        yield owner
        for subclass in type.__subclasses__(owner):
            yield from with_subclasses(subclass)

    bases = [getattr(sys.modules.get(name), "Storage", None) for name in STORAGES]
    classes = [c for base in bases if isinstance(base, type) for c in with_subclasses(base)]
    return [c for c in dict.fromkeys(classes) if c.__module__.startswith("prefect.")]
