"""The details of a flow, as Prefect registers them."""

import inspect
from json import dumps as json_dumps
from json import loads as json_loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict


def details_of(flow: "Any") -> "Dict[str, Any]":
    version = flow.version
    return {
        "version": None if version is None else str(version),
        "description": flow.description,
        "isAsync": bool(flow.isasync),
        "isGenerator": is_generator(flow),
        "retries": flow.retries,
        "retryDelaySeconds": as_json(flow.retry_delay_seconds),
        "timeoutSeconds": flow.timeout_seconds,
        "parameterSchema": parameter_schema(flow),
    }


def is_generator(flow: "Any") -> bool:
    """Until Prefect 2 a flow does not know it."""
    known = getattr(flow, "isgenerator", None)
    if known is None:
        return inspect.isgeneratorfunction(flow.fn) or inspect.isasyncgenfunction(flow.fn)
    return bool(known)


def parameter_schema(flow: "Any") -> "Dict[str, Any]":
    """The schema of a flow's parameters, as `prefect deploy` sends it."""
    from prefect.utilities import callables

    schema: Any = callables.parameter_schema(flow)
    if hasattr(schema, "model_dump"):
        return as_json(schema.model_dump(exclude_unset=True))
    # Prefect 2 sends the defaults of the schema too.
    return as_json(schema.dict())


def as_json(value: "Any") -> "Any":
    """A value as JSON has it; what JSON can't hold as its text."""
    return json_loads(json_dumps(value, default=str))
