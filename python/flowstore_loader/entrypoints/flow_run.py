"""Runs a flow in this process, with the API of the environment or with Prefect's own server."""

import asyncio
import atexit
import inspect

from ..problems import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

    from ..protocol import Result


def run_flow(flow: "Any", parameters: "Dict[str, Any]") -> "Result":
    """The final state of a run, or what is wrong with the parameters."""
    try:
        values = flow.validate_parameters(parameters)
    except Exception as error:
        return refusal(flow, parameters, error)
    states: List[Any] = []
    note_states(flow, states)
    failure = None
    try:
        state = drained(flow, values)
    except Exception as error:
        # A generator gives no state, and raises what its function does.
        state, failure = None, error
        if not states:
            raise
    finally:
        # This process ends without them: they stop Prefect's own server, and send the last events.
        exit_functions: Any = vars(atexit)["_run_exitfuncs"]
        exit_functions()
    state = states[-1] if state is None and states else state
    if state is None:
        raise RuntimeError("the run of the flow has no state")
    return {
        "state": state.name,
        "successful": bool(state.is_completed()),
        "message": None if state.message is None else str(state.message),
        "detail": None if state.is_completed() else failure_text(state, failure),
        "refused": False,
    }


def refusal(flow: "Any", parameters: "Dict[str, Any]", error: Exception) -> "Result":
    known = dict(inspect.signature(flow.fn).parameters)
    takes_any = any(each.kind is each.VAR_KEYWORD for each in known.values())
    unknown = sorted(name for name in parameters if name not in known and not takes_any)
    missing = sorted(
        name
        for name, each in known.items()
        if each.default is each.empty
        and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        and name not in parameters
        and name in flow.parameters.properties
    )
    if unknown:
        names = ", ".join(sorted(flow.parameters.properties)) or "none"
        text = f"it has no parameter {', '.join(unknown)}; it has: {names}"
    elif missing:
        text = f"it requires the parameter {', '.join(missing)}"
    else:
        text = str(error) or error_text(error)
    refused = {"state": None, "successful": False, "message": text, "detail": None}
    return dict(refused, refused=True)


def note_states(flow: "Any", states: "List[Any]") -> None:
    """Adds hooks that note the final state, which the run of a generator does not return."""

    def note(flow: "Any", flow_run: "Any", state: "Any") -> None:
        states.append(state)

    for name in ("on_completion", "on_failure", "on_crashed", "on_cancellation"):
        for attribute in (f"{name}_hooks", name):
            hooks = vars(flow).get(attribute)
            if attribute in vars(flow) and (hooks is None or isinstance(hooks, list)):
                setattr(flow, attribute, [*(hooks or []), note])
                break


def drained(flow: "Any", values: "Dict[str, Any]") -> "Any":
    """The state of a run; None for a generator, which is read to its end."""
    if inspect.isasyncgenfunction(flow.fn):
        asyncio.run(read_async(flow, values))
        return None
    if inspect.isgeneratorfunction(flow.fn):
        result = flow(**values)
        for _ in result or ():
            pass
        return None
    if flow.isasync:
        return asyncio.run(awaited(flow, values))
    return flow(**values, return_state=True)


async def awaited(flow: "Any", values: "Dict[str, Any]") -> "Any":
    return await flow(**values, return_state=True)


async def read_async(flow: "Any", values: "Dict[str, Any]") -> None:
    result = flow(**values)
    if inspect.isawaitable(result):
        result = await result
    async for _ in result:
        pass


def failure_text(state: "Any", failure: "Optional[BaseException]") -> "Optional[str]":
    error = failure if failure is not None else getattr(state, "data", None)
    if isinstance(error, BaseException):
        return error_text(error)
    return None
