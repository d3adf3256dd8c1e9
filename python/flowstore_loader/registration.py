"""Flows as `prefect register --json` reads them."""

import copy
import functools
import json

from .problems import error_text, problem, traceback_text, user_frames


def register_form(entry, repository, labels):
    """`(what `prefect register --json` reads of a flow, less its storage, None)` or `(None, problem)`.

    Each field is JSON text: a number that JSON.parse changes would be another flow to the server.
    """
    try:
        serialized = prepared(entry.flow, labels).serialize(build=False)
        del serialized["storage"]
        for name, value in serialized.items():
            # For an object of an unknown class marshmallow gives [null, errors] and doesn't raise.
            if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] is None:
                raise ValueError("Prefect has no schema for the flow's %s: %s" % (name, value[1]))
        dumps = functools.partial(json.dumps, sort_keys=True, allow_nan=False)
        return {name: dumps(value) for name, value in serialized.items()}, None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = 'Flow "%s" can\'t be serialized for `prefect register`: %s'
        text %= entry.flow.name, repository.shorten(error_text(error))
        detail = repository.shorten(traceback_text(error, user_frames(error, repository)))
        hint = "Defaults of parameters have to be JSON, schedule and run config of a class of Prefect's."
        file = repository.relative(entry.place.path)
        return None, problem("FLOW_SERIALIZE", text, file, entry.place.line, detail, hint)


def prepared(flow, labels):
    """A copy of a flow, set up as `prefect build` does before it serializes.

    Without `labels` it also goes without those of the module's storage.
    """
    import prefect
    from prefect.run_configs import UniversalRun

    storage, flow = flow.storage, copy.copy(flow)
    defaults = prefect.config.flows.defaults.storage if storage is None else storage
    kind = "run_config"
    if flow.run_config is None:
        # Until 1.0 a flow may have an environment instead.
        if getattr(flow, "environment", None) is None:
            flow.run_config = UniversalRun()
        else:
            kind = "environment"
    config = copy.copy(getattr(flow, kind))
    config.labels = set(config.labels or ())
    if labels is not None:
        config.labels.update(getattr(storage, "_labels", None) or ())
        if defaults.add_default_labels:
            config.labels.update(labels)
    setattr(flow, kind, config)
    flow.storage = None
    return flow
