"""Stored flows: a pickle, Prefect's JSON envelope around one, or the source of a module."""

import base64
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_flow(name: str, path: str, content: str) -> "Any":
    """The flow in a file that holds a `pickle`, an `envelope` (since 0.14.3) or the `source`.

    Raises TypeError if the file has something other than a flow.
    """
    import prefect

    with open(path, "rb") as stream:
        stored = stream.read()
    flow = flow_of(stored, name, path, content)
    if not isinstance(flow, prefect.Flow):
        raise TypeError(f"{path} is a {type(flow).__name__}, not a Flow")
    return flow


def flow_of(stored: bytes, name: str, path: str, content: str) -> "Any":
    import cloudpickle

    if content == "pickle":
        return cloudpickle.loads(stored)
    if content == "envelope":
        return cloudpickle.loads(pickle_of_envelope(stored))
    if content == "source":
        return flow_of_source(stored, name, path)
    raise ValueError(f"{path} can't be read as {content!r}")


def pickle_of_envelope(envelope: bytes) -> bytes:
    return base64.b64decode(json.loads(envelope.decode("utf-8"))["flow"])


def flow_of_source(source: bytes, name: str, path: str) -> "Any":
    """A flow of a module that is stored as source, found as Prefect finds it."""
    import prefect

    values = {"__name__": "__flow__", "__file__": path}
    with prefect.context(loading_flow=True):
        exec(compile(source, path, "exec"), values)
    for value in values.values():
        if isinstance(value, prefect.Flow) and value.name == name:
            return value
    raise ValueError(f'{path} has no flow "{name}"')
