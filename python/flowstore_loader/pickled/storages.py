"""The storage that a module sets on its flow: the options that differ from its class's defaults."""

import contextlib
import functools
import os
from json import dumps as json_dumps
from json import loads as json_loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

    from ..repository import Repository

PATHS = ("dockerfile", "dockerignore")


def module_storage(
    storage: "Any", names: "List[str]", repository: "Repository"
) -> "Optional[Dict[str, Any]]":
    """Prefect's class of a storage and the named options that were set, or None if nothing was."""
    if storage is None:
        return None
    prefect_class = class_of_prefect(storage)
    values, defaults = vars(storage), default_values(storage, prefect_class)
    options = {}
    for name in names:
        value = changed_part(values.get(name), defaults.get(name))
        if value not in (None, False, "", [], {}):
            with contextlib.suppress(TypeError, ValueError):
                options[name] = json_loads(json_dumps(portable(name, value, repository)))
    if not options and type(storage) is default_class():
        return None
    return {"type": prefect_class.__name__, "options": options}


def class_of_prefect(storage: "Any") -> type:
    """The Prefect class of a storage; without one, its own class."""
    classes = [c for c in type(storage).__mro__ if c.__module__.startswith("prefect.")]
    return (classes or [type(storage)])[0]


def default_values(storage: "Any", prefect_class: type) -> "Dict[str, Any]":
    """The attributes of a storage with default options."""
    defaults: Dict[str, Any] = {}
    with contextlib.suppress(Exception):
        version = vars(storage).get("prefect_version")
        # The default of the base image follows from the version.
        defaults = vars(prefect_class(prefect_version=version) if version else prefect_class())
        is_default = version == vars(prefect_class()).get("prefect_version")
        defaults = dict(defaults, prefect_version=version if is_default else None)
    return defaults


def changed_part(value: "Any", default: "Any") -> "Any":
    """A value without the parts of the default; None if it is the default."""
    if isinstance(value, (list, tuple)):
        return [item for item in value if item not in (default or ())]
    if isinstance(value, dict):
        return {k: v for k, v in value.items() if (default or {}).get(k) != v}
    return None if value == default else value


def portable(name: str, value: "Any", repository: "Repository") -> "Any":
    """An option's value with paths relative to the repository."""
    if name == "files" and isinstance(value, dict):
        return {repository_path(str(k), repository): v for k, v in value.items()}
    if name in PATHS and isinstance(value, str):
        return repository_path(value, repository)
    if name == "env_vars" and isinstance(value, dict):
        # As Prefect writes them into its Dockerfile.
        return {str(k): str(v) for k, v in value.items()}
    return value


def repository_path(path: str, repository: "Repository") -> str:
    """A path relative to the repository if it is inside, else unchanged."""
    absolute = os.path.normpath(os.path.join(repository.root, path))
    if os.path.join(absolute, "").startswith(repository.prefix):
        return os.path.relpath(absolute, repository.root).replace(os.sep, "/")
    return path


@functools.lru_cache(maxsize=None)
def default_class() -> type:
    """The class of the storage that some releases give a flow that sets none."""
    import prefect

    return type(getattr(prefect.Flow("flowstore"), "storage", None))
