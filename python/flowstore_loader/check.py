"""The action `check`: reads stored flows back, and reports whether each one loads."""

import functools
import importlib
import os
import tempfile

from .generation import import_generation
from .problems import error_text, frames_outside_loader, traceback_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

    from .protocol import Request, Result, StoredFlow


def check(request: "Request") -> "Result":
    wanted = [with_absolute_path(flow) for flow in request["flows"]]
    one = functools.partial(check_flow, checks=request["checks"])
    # Python remembers folders of `sys.path` that were not there when it was started.
    importlib.invalidate_caches()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            generation = import_generation()
        except Exception:  # each flow says why
            flows = [one(flow) for flow in wanted]
        else:
            flows = generation.checked(wanted, one)
        storage_error = storage_error_of(request["checks"])
        os.chdir(os.sep)
    return {"flows": flows, "storageError": storage_error}


def with_absolute_path(flow: "StoredFlow") -> "StoredFlow":
    return dict(flow, path=os.path.abspath(flow["path"]))


def storage_error_of(checks: "Dict[str, Any]") -> "Optional[str]":
    try:
        if checks["storage"] is not None:
            import_generation().read_storage(checks["storage"])
    except Exception as error:
        return error_text(error)
    return None


def check_flow(stored: "StoredFlow", checks: "Dict[str, Any]") -> "Result":
    outcome: Result = {
        "name": stored["name"],
        "ok": True,
        "error": None,
        "missingModule": None,
        "detail": None,
        "warnings": [],
        "refused": None,
        "unserializable": None,
        "details": None,
    }
    try:
        flow = read_named_flow(stored)
        outcome.update(import_generation().check_flow(flow, checks))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = traceback_text(error, frames_outside_loader(error))
        outcome.update(ok=False, error=error_text(error), detail=detail)
        if isinstance(error, ModuleNotFoundError):
            outcome["missingModule"] = error.name
    return outcome


def read_named_flow(stored: "StoredFlow") -> "Any":
    """A flow from its file; raises ValueError if it has another name.

    A flow whose name is not known has its entrypoint for one.
    """
    name, place = stored["name"], stored.get("entrypoint") or stored["path"]
    flow = import_generation().read_flow(stored)
    if flow.name != name and name != stored.get("entrypoint"):
        raise ValueError(f'{place} holds the flow "{flow.name}"')
    return flow
