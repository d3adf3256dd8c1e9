"""Calls that have no effect while modules are loaded: they build, register or run a flow."""

import contextlib
import functools
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
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


class IgnoredMethod:
    """A method of a class while modules are loaded: it notes a call and does nothing else.

    A flow may hold it, as in `run = flow.run`. A pickle gets the class's own method instead.
    """

    def __init__(self, owner: type, name: str, answer: "Callable[..., Any]") -> None:
        self.owner = owner
        self.original = vars(owner)[name]
        functools.update_wrapper(self, self.original)
        self._answer = answer

    def __call__(self, *args: "Any", **kwargs: "Any") -> "Any":
        return self._answer(self.original, *args, **kwargs)

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> "Tuple[Any, ...]":
        return getattr, (self.owner, self.original.__name__)


class IgnoredCalls:
    """The calls of Prefect's methods that have no effect while modules are loaded."""

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

    @contextlib.contextmanager
    def replaced(self) -> "Iterator[None]":
        """Replaces the methods meanwhile. Afterwards no storage has a flow that was added to it:
        a pickle would hold that flow too.
        """
        methods = list(self._methods())
        for method in methods:
            setattr(method.owner, method.original.__name__, method)
        try:
            yield
        finally:
            for method in methods:
                setattr(method.owner, method.original.__name__, method.original)
            for values, before in reversed(self._added):
                values.update(before)

    def _methods(self) -> "Iterator[IgnoredMethod]":
        for module, class_name, shown, names in METHODS:
            owner = getattr(sys.modules.get(module), class_name, None)
            for name in names.split():
                yield from self._method(owner, name, shown, give_none)
        for storage in storage_classes():
            for name in ("build", "push_image", "pull_image"):
                yield from self._method(storage, name, "storage", give_storage)
            yield from self._method(storage, "add_flow", "storage", self._add_flow)

    def _method(
        self, owner: "Any", name: str, shown: str, answer: "Callable[..., Any]"
    ) -> "Iterator[IgnoredMethod]":
        """The replacement of a method, if the class itself has it."""

        def noted(*args: "Any", **kwargs: "Any") -> "Any":
            self._note(f"{shown}.{name}()")
            return answer(*args, **kwargs)

        if isinstance(owner, type) and isinstance(vars(owner).get(name), types.FunctionType):
            yield IgnoredMethod(owner, name, noted)

    def _note(self, call: str) -> None:
        frame: Optional[types.FrameType] = sys._getframe(1)
        while frame:
            path = self.repository.path(frame.f_code.co_filename)
            if self.repository.owns(path):
                self._found[(call, self.repository.relative(path), frame.f_lineno)] = None
                return
            frame = frame.f_back
        self._found[(call, None, None)] = None

    def _add_flow(self, original: "Any", storage: "Any", flow: "Any") -> "Any":
        """Adds a flow until the modules are loaded; returns its location."""
        values = vars(storage)
        tables = [name for name in ("flows", "_flows") if isinstance(values.get(name), dict)]
        self._added.append((values, {name: dict(values[name]) for name in tables}))
        if type(storage).__name__ not in KEEPING_CLASSES:
            return original(storage, flow)
        for name in tables:
            values[name] = dict(values[name], **{flow.name: flow.name})
        return flow.name


def give_none(original: "Any", *args: "Any", **kwargs: "Any") -> None:
    """What newer releases return while they load a flow's file."""


def give_storage(original: "Any", storage: "Any", *args: "Any", **kwargs: "Any") -> "Any":
    return storage


def storage_classes() -> "List[type]":
    """Every storage class of Prefect."""

    def with_subclasses(owner: "Any") -> "Iterator[type]":
        yield owner
        for subclass in type.__subclasses__(owner):
            yield from with_subclasses(subclass)

    bases = [getattr(sys.modules.get(name), "Storage", None) for name in STORAGES]
    classes = [c for base in bases if isinstance(base, type) for c in with_subclasses(base)]
    return [c for c in dict.fromkeys(classes) if c.__module__.startswith("prefect.")]
