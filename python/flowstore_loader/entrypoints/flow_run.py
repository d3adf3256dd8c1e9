"""Runs a flow in this process, with the API of the environment or with Prefect's own server."""

import asyncio
import atexit
import inspect
import traceback

from ..problems import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from ..protocol import Result


def run_flow(flow: "Any", parameters: "Dict[str, Any]") -> "Result":
    """The final state of a run, or what is wrong with the parameters."""
    from prefect.utilities.callables import parameters_to_args_kwargs

    parameters = with_keywords(flow, parameters)
    wrong = wrong_names(flow, parameters)
    if wrong:
        return refusal(wrong)
    if flow.should_validate_parameters:
        try:
            parameters = flow.validate_parameters(parameters)
        except Exception as error:
            return refusal(validation_text(error))
    args, keywords = parameters_to_args_kwargs(flow.fn, parameters)
    states: List[Any] = []
    note_states(flow, states)
    failure: Optional[BaseException] = None
    try:
        state = drained(flow, args, keywords)
    except BaseException as error:
        # A generator gives no state, and raises what its function does; sys.exit is a crash.
        state, failure = None, error
        if not states and not has_begun(flow, error):
            raise
    finally:
        # This process ends without them: they stop Prefect's own server, and send the last events.
        exit_functions: Any = vars(atexit)["_run_exitfuncs"]
        exit_functions()
    state = states[-1] if state is None and states else state
    if state is None and failure is not None:
        # 3.0 calls no hook for a crash.
        crash = {"state": "Crashed", "successful": False, "message": error_text(failure)}
        return dict(crash, detail=None, refused=False)
    if state is None:
        raise RuntimeError("the run of the flow has no state")
    return {
        "state": state.name,
        "successful": bool(state.is_completed()),
        "message": None if state.message is None else str(state.message),
        "detail": None if state.is_completed() else failure_text(state, failure),
        "refused": False,
    }


def with_keywords(flow: "Any", parameters: "Dict[str, Any]") -> "Dict[str, Any]":
    """Parameters as Prefect takes them: those that `**name` collects below its name."""
    known = inspect.signature(flow.fn).parameters
    rest = [name for name, each in known.items() if each.kind is each.VAR_KEYWORD]
    collected = {name: value for name, value in parameters.items() if name not in known}
    if not rest or not collected:
        return parameters
    named = {name: value for name, value in parameters.items() if name in known}
    return dict(named, **{rest[0]: dict(named.get(rest[0], {}), **collected)})


def wrong_names(flow: "Any", parameters: "Dict[str, Any]") -> "Optional[str]":
    """What is wrong with the names of the parameters."""
    known = flow.parameters.properties
    unknown = sorted(name for name in parameters if name not in known)
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        return f"it has no parameter {', '.join(unknown)}; it has: {names}"
    missing = sorted(
        name
        for name, each in inspect.signature(flow.fn).parameters.items()
        if each.default is each.empty
        and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        and name not in parameters
        and name in known
    )
    return f"it requires the parameter {', '.join(missing)}" if missing else None


def validation_text(error: Exception) -> str:
    """What Prefect says of wrong values, on one line: `day: ...; limit: ...`."""
    text = str(error) or error_text(error)
    lines = [line.strip() for line in text.splitlines()]
    values = [line[2:] for line in lines if line.startswith("- ")]
    return "; ".join(values) if values else " ".join(lines)


def refusal(text: str) -> "Result":
    refused = {"state": None, "successful": False, "message": text, "detail": None}
    return dict(refused, refused=True)


def note_states(flow: "Any", states: "List[Any]") -> None:
    """Adds hooks that note a final state that the run does not return. Prefect logs each call."""

    def note_state(flow: "Any", flow_run: "Any", state: "Any") -> None:
        states.append(state)

    is_generator = inspect.isgeneratorfunction(flow.fn) or inspect.isasyncgenfunction(flow.fn)
    of_generators = ("on_completion", "on_failure") if is_generator else ()
    for name in (*of_generators, "on_crashed", "on_cancellation"):
        for attribute in (f"{name}_hooks", name):
            hooks = vars(flow).get(attribute)
            if attribute in vars(flow) and (hooks is None or isinstance(hooks, list)):
                setattr(flow, attribute, [*(hooks or []), note_state])
                break


def has_begun(flow: "Any", error: BaseException) -> bool:
    """Whether the function of a flow raised an error, and not Prefect before it."""
    code = getattr(inspect.unwrap(flow.fn), "__code__", None)
    return any(frame.f_code is code for frame, _ in traceback.walk_tb(error.__traceback__))


def drained(flow: "Any", args: "Tuple[Any, ...]", keywords: "Dict[str, Any]") -> "Any":
    """The state of a run; None for a generator, which is read to its end."""
    if inspect.isasyncgenfunction(flow.fn):
        asyncio.run(read_async(flow, args, keywords))
        return None
    if inspect.isgeneratorfunction(flow.fn):
        result = flow(*args, **keywords)
        for _ in result or ():
            pass
        return None
    if flow.isasync:
        return asyncio.run(awaited(flow, args, keywords))
    return flow(*args, **keywords, return_state=True)


async def awaited(flow: "Any", args: "Tuple[Any, ...]", keywords: "Dict[str, Any]") -> "Any":
    return await flow(*args, **keywords, return_state=True)


async def read_async(flow: "Any", args: "Tuple[Any, ...]", keywords: "Dict[str, Any]") -> None:
    result = flow(*args, **keywords)
    if inspect.isawaitable(result):
        result = await result
    async for _ in result:
        pass


def failure_text(state: "Any", failure: "Optional[BaseException]") -> "Optional[str]":
    error = failure if failure is not None else getattr(state, "data", None)
    if isinstance(error, BaseException):
        return error_text(error)
    return None
