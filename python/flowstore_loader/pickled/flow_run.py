"""Runs a flow in this process, without a server."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

    from ..protocol import Result


def run_flow(flow: "Any", parameters: "Dict[str, Any]") -> "Result":
    """The final state of a run, or what is wrong with the parameters."""
    wrong = parameter_error(flow, parameters)
    if wrong:
        refusal = {"state": None, "successful": False, "message": wrong, "detail": None}
        return dict(refusal, refused=True)
    # With `run_on_schedule=False` old releases would not retry tasks.
    flow.schedule = None
    state = flow.run(parameters=parameters, run_on_schedule=True)
    return {
        "state": type(state).__name__,
        "successful": bool(state.is_successful()),
        "message": None if state.message is None else str(state.message),
        "detail": failed_tasks(state),
        "refused": False,
    }


def parameter_error(flow: "Any", values: "Dict[str, Any]") -> "Optional[str]":
    parameters = {parameter.name: parameter for parameter in flow.parameters()}
    unknown = sorted(name for name in values if name not in parameters)
    if unknown:
        known = ", ".join(sorted(parameters)) or "none"
        return f"it has no parameter {', '.join(unknown)}; it has: {known}"
    missing = sorted(n for n, p in parameters.items() if p.required and n not in values)
    return f"it requires the parameter {', '.join(missing)}" if missing else None


def failed_tasks(state: "Any") -> "Optional[str]":
    """`task: message` of each task that failed itself, not because another task failed."""
    if not isinstance(state.result, dict):
        return None
    lines = sorted(
        f"{task.name}: {result.message}"
        for task, result in state.result.items()
        if result.is_failed() and type(result).__name__ != "TriggerFailed"
    )
    return "\n".join(lines) or None
