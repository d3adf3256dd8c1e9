"""Reads flows back, and runs them."""

import base64
import json
import os
import tempfile
import traceback

from .problems import error_text, traceback_text


def check(request):
    wanted = [(flow["name"], os.path.abspath(flow["path"])) for flow in request["flows"]]
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        flows = [check_flow(name, path) for name, path in wanted]
        os.chdir(os.sep)
    return {"flows": flows}


def check_flow(name, path):
    outcome = {"name": name, "ok": True, "error": None, "missingModule": None, "detail": None}
    try:
        import prefect

        flow = flow_of_script(path, name) if path.endswith(".py") else read_flow(path)
        if not isinstance(flow, prefect.Flow):
            raise TypeError("%s is a %s, not a Flow" % (path, type(flow).__name__))
        if flow.name != name:
            raise ValueError('%s holds the flow "%s"' % (path, flow.name))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = traceback_text(error, frames_of_others(error))
        outcome.update(ok=False, error=error_text(error), detail=detail)
        if isinstance(error, ModuleNotFoundError):
            outcome["missingModule"] = error.name
    return outcome


def frames_of_others(error):
    """The traceback's frames but for the loader's own."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if not frame.filename.startswith("<flowstore_loader")]


def run_flow(request):
    name, path = request["flow"]["name"], os.path.abspath(request["flow"]["path"])
    outcome = {"state": None, "successful": False, "message": None, "detail": None}
    try:
        flow = flow_of_script(path, name) if path.endswith(".py") else read_flow(path)
        if flow.name != name:
            raise ValueError('%s holds the flow "%s"' % (path, flow.name))
        wrong = wrong_parameters(flow, request["parameters"])
        if wrong:
            return dict(outcome, message=wrong)
        # Old releases leave out retries with `run_on_schedule=False`.
        flow.schedule = None
        state = flow.run(parameters=request["parameters"], run_on_schedule=True)
        outcome.update(
            state=type(state).__name__,
            successful=bool(state.is_successful()),
            message=None if state.message is None else str(state.message),
            detail=failed_tasks(state),
        )
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = traceback_text(error, frames_of_others(error))
        outcome.update(message=error_text(error), detail=detail)
    return outcome


def wrong_parameters(flow, given):
    parameters = {parameter.name: parameter for parameter in flow.parameters()}
    unknown = sorted(name for name in given if name not in parameters)
    if unknown:
        there = ", ".join(sorted(parameters)) or "none"
        return "it has no parameter %s; it has: %s" % (", ".join(unknown), there)
    missing = sorted(n for n, p in parameters.items() if p.required and n not in given)
    return "it requires the parameter %s" % ", ".join(missing) if missing else None


def failed_tasks(state):
    """`task: message` of each that failed by itself, not because another did."""
    if not isinstance(state.result, dict):
        return None
    lines = sorted(
        "%s: %s" % (task.name, result.message)
        for task, result in state.result.items()
        if result.is_failed() and type(result).__name__ != "TriggerFailed"
    )
    return "\n".join(lines) or None


def flow_of_script(path, name):
    """A flow from a module that is stored itself, as Prefect takes it from there."""
    import prefect

    with open(path, "rb") as stream:
        source = stream.read()
    values = {"__name__": "__flow__", "__file__": path}
    with prefect.context(loading_flow=True):
        exec(compile(source, path, "exec"), values)
    for value in values.values():
        if isinstance(value, prefect.Flow) and value.name == name:
            return value
    raise ValueError('%s has no flow "%s"' % (path, name))


def read_flow(path):
    """A flow from its file: Prefect's JSON envelope (from 0.14.3), or else the raw pickle."""
    import cloudpickle

    with open(path, "rb") as stream:
        content = stream.read()
    try:
        content = base64.b64decode(json.loads(content.decode("utf-8"))["flow"])
    except ValueError:
        pass
    return cloudpickle.loads(content)
