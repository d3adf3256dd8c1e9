"""The fields of flows as `prefect register --json` reads them."""

import copy
import functools
from json import dumps as json_dumps

from ..problems import error_text, problem, traceback_text, user_frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from ..flows import FoundFlow
    from ..problems import Problem
    from ..repository import Repository


def registration_fields(
    flow: "FoundFlow", repository: "Repository", labels: "Optional[List[str]]"
) -> "Tuple[Optional[Dict[str, str]], Optional[Problem]]":
    """`(all fields but the storage, None)` or `(None, problem)`.

    Each field is JSON text. If JavaScript's JSON.parse changed a number, the server would see
    another flow.
    """
    try:
        fields = prepared_copy(flow.flow, labels).serialize(build=False)
        del fields["storage"]
        for name, value in fields.items():
            # For an object of an unknown class marshmallow gives [null, errors] and doesn't raise.
            if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] is None:
                raise ValueError(f"Prefect has no schema for the flow's {name}: {value[1]}")
        to_json = functools.partial(json_dumps, sort_keys=True, allow_nan=False)
        return {name: to_json(value) for name, value in fields.items()}, None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = repository.shorten(error_text(error))
        text = f'Flow "{flow.name}" can\'t be serialized for `prefect register`: {reason}'
        hint = "Use defaults that JSON can hold, and schedules and run configs of Prefect's own."
        return None, serialize_problem(flow, repository, text, error, hint)


def serialize_problem(
    flow: "FoundFlow", repository: "Repository", text: str, error: BaseException, hint: str
) -> "Problem":
    """A problem at the line that created the flow."""
    message = repository.shorten(text)
    detail = repository.shorten(traceback_text(error, user_frames(error, repository)))
    file = repository.relative(flow.location.path)
    return problem("FLOW_SERIALIZE", message, file, flow.location.line, detail, hint)


def prepared_copy(flow: "Any", labels: "Optional[List[str]]") -> "Any":
    """A copy of a flow, set up as `prefect build` does before it serializes.

    `labels` are the default labels of a storage. If they are None, the labels of the module's
    storage are left out too.
    """
    import prefect
    from prefect.run_configs import UniversalRun

    storage, flow = flow.storage, copy.copy(flow)
    defaults = prefect.config.flows.defaults.storage if storage is None else storage
    attribute = "run_config"
    if flow.run_config is None:
        # Until 1.0 a flow may have an environment instead.
        if getattr(flow, "environment", None) is None:
            flow.run_config = UniversalRun()
        else:
            attribute = "environment"
    config = copy.copy(getattr(flow, attribute))
    config.labels = set(config.labels or ())
    if labels is not None:
        config.labels.update(getattr(storage, "_labels", None) or ())
        if defaults.add_default_labels:
            config.labels.update(labels)
    setattr(flow, attribute, config)
    flow.storage = None
    return flow
