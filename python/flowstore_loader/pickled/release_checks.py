"""What a Prefect release itself says of stored flows and of a storage."""

import contextlib
import functools
import importlib
import io
import json
import os
import warnings

from ..problems import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Tuple

    from ..protocol import Result

MODULES = ("prefect.storage._healthcheck", "prefect.environments.storage._healthcheck")
"""Since 0.14.0, and before."""
CHECKS = ("result_check", "result_handler_check", "environment_dependency_check")
"""The checks of a release's healthcheck that are about flows; each takes a list of them."""


def check_flow(flow: "Any", checks: "Dict[str, Any]") -> "Result":
    said, refused = check_results(flow) if checks["results"] else ([], None)
    unserializable = None
    if checks["serialize"]:
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                flow.serialize()
        except Exception as error:
            unserializable = error_text(error)
    return {"warnings": said, "refused": refused, "unserializable": unserializable}


def check_results(flow: "Any") -> "Tuple[List[str], Any]":
    """`(warnings, why the release refuses the flow or None)`, in the release's words."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        refused = None
        try:
            for check in release_checks():
                check([flow])
        except Exception as error:
            known = isinstance(error, (ValueError, ImportError))
            refused = str(error) if known else error_text(error)
    return [str(one.message) for one in said if one.category is UserWarning], refused


@functools.lru_cache(maxsize=None)
def release_checks() -> "List[Callable[[List[Any]], None]]":
    for name in MODULES:
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            return [getattr(module, check) for check in CHECKS if hasattr(module, check)]
    return []


def read_storage(document: str) -> None:
    from prefect.serialization.storage import StorageSchema

    with warnings.catch_warnings(), no_new_folders():
        warnings.simplefilter("ignore")
        StorageSchema().load(json.loads(document))


@contextlib.contextmanager
def no_new_folders() -> "Iterator[None]":
    """Early releases make the folder of local storage when they read it; a check makes none."""
    made = os.makedirs
    os.makedirs = lambda *_args, **_kwargs: None
    try:
        yield
    finally:
        os.makedirs = made
