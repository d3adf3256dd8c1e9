"""Stored flows: a pickle, Prefect's JSON around one, or the script that makes the flow."""

import base64
import contextlib
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_flow(path: str, name: str) -> "Any":
    """The flow in a file; raises TypeError for anything else."""
    import prefect

    flow = flow_of_script(path, name) if path.endswith(".py") else flow_of_pickle(path)
    if not isinstance(flow, prefect.Flow):
        raise TypeError(f"{path} is a {type(flow).__name__}, not a Flow")
    return flow


def flow_of_pickle(path: str) -> "Any":
    """The content of a file: Prefect's JSON envelope (since 0.14.3), or else the raw pickle."""
    import cloudpickle

    with open(path, "rb") as stream:
        content = stream.read()
    with contextlib.suppress(ValueError):
        content = base64.b64decode(json.loads(content.decode("utf-8"))["flow"])
    return cloudpickle.loads(content)


def flow_of_script(path: str, name: str) -> "Any":
    """A flow from the stored source of its module, read as Prefect does."""
    import prefect

    with open(path, "rb") as stream:
        source = stream.read()
    values = {"__name__": "__flow__", "__file__": path}
    with prefect.context(loading_flow=True):
        exec(compile(source, path, "exec"), values)
    for value in values.values():
        if isinstance(value, prefect.Flow) and value.name == name:
            return value
    raise ValueError(f'{path} has no flow "{name}"')
