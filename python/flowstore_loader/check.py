"""The action `check`: reads stored flows back, and reports whether each one loads."""

import os
import tempfile

from .generation import import_generation
from .problems import error_text, frames_outside_loader, traceback_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .protocol import Request, Result


def check(request: "Request") -> "Result":
    wanted = [(flow["name"], os.path.abspath(flow["path"])) for flow in request["flows"]]
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        flows = [check_flow(name, path) for name, path in wanted]
        os.chdir(os.sep)
    return {"flows": flows}


def check_flow(name: str, path: str) -> "Result":
    outcome: Result = {
        "name": name,
        "ok": True,
        "error": None,
        "missingModule": None,
        "detail": None,
    }
    try:
        read_named_flow(name, path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = traceback_text(error, frames_outside_loader(error))
        outcome.update(ok=False, error=error_text(error), detail=detail)
        if isinstance(error, ModuleNotFoundError):
            outcome["missingModule"] = error.name
    return outcome


def read_named_flow(name: str, path: str) -> "Any":
    """The flow in a stored file; raises ValueError if it has another name."""
    flow = import_generation().read_flow(path, name)
    if flow.name != name:
        raise ValueError(f'{path} holds the flow "{flow.name}"')
    return flow
