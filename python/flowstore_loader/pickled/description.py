"""The description of a flow in a result."""

import contextlib
from json import dumps as json_dumps
from json import loads as json_loads

from .storages import module_storage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

    from ..repository import Repository


def describe_flow(
    flow: "Any", storage_options: "List[str]", repository: "Repository"
) -> "Dict[str, Any]":
    from slugify import slugify

    run_config = getattr(flow, "run_config", None)
    image = getattr(run_config, "image", None)
    parameters = [describe_parameter(parameter) for parameter in flow.parameters()]
    return {
        "slug": slugify(flow.name),
        "parameters": sorted(parameters, key=lambda parameter: parameter["name"]),
        "storage": module_storage(getattr(flow, "storage", None), storage_options, repository),
        "runImage": image if isinstance(image, str) else None,
        "serialized": None,
    }


def describe_parameter(parameter: "Any") -> "Dict[str, Any]":
    described = {"name": parameter.name, "required": bool(parameter.required)}
    if not parameter.required:
        with contextlib.suppress(Exception):
            # JSON turns a tuple into a list: report only a default that comes back equal.
            if json_loads(json_dumps(parameter.default, allow_nan=False)) == parameter.default:
                described["default"] = parameter.default
    return described
