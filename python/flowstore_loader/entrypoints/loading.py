"""Loads a flow by its entrypoint, with Prefect's own function."""

import contextlib
import functools
import importlib
import inspect
import os
import sys
import types

from .importing import user_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from ..protocol import StoredFlow


def read_flow(stored: "StoredFlow") -> "Any":
    """The flow at an entrypoint, with the project as the working directory."""
    from prefect.flows import load_flow_from_entrypoint

    if "ended" in stored:
        raise RuntimeError(stored["ended"])
    load: Any = load_flow_from_entrypoint
    # Folders on `sys.path` may not have been there when this process began.
    importlib.invalidate_caches()
    os.chdir(stored["path"])
    # Newer releases would give a flow that can't run if the module fails.
    known = inspect.signature(load).parameters
    options = {"use_placeholder_flow": False} if "use_placeholder_flow" in known else {}
    try:
        return load(stored["entrypoint"], **options)
    except Exception as error:
        cause = user_error(error)
        raise cause from cause.__cause__


@contextlib.contextmanager
def loaded_once() -> "Iterator[None]":
    """Runs the file of each module once, however many of its flows Prefect loads."""
    from prefect.utilities import importtools

    module: Any = importtools
    original = module.load_script_as_module
    module.load_script_as_module = functools.lru_cache(maxsize=None)(original)
    try:
        yield
    finally:
        module.load_script_as_module = original


def loads_classes() -> bool:
    """Whether the release finds a name in a class: `file.py:Class.name`."""
    from prefect.utilities.importtools import import_object

    name = "__flowstore_class__"
    module = types.ModuleType(name)
    vars(module)["Class"] = type("Class", (), {"attribute": True})
    sys.modules[name] = module
    try:
        return bool(import_object(f"{name}:Class.attribute"))
    except AttributeError:
        return False
    finally:
        del sys.modules[name]
