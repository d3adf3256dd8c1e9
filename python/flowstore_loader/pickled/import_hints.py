"""What to do about exceptions that come from a use of Prefect while modules are imported."""

import os
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Iterator, Optional

IN_A_TASK = "Move it into a task, which runs when the flow runs"


def import_hint(error: BaseException, has_ignored_calls: bool) -> "Optional[str]":
    """`has_ignored_calls`: the file that raised has calls that return None while it is loaded."""
    if has_ignored_calls and "'NoneType'" in str(error):
        return (
            "Calls such as `flow.run()` and `flow.register()` return None while flows are loaded. "
            'Put what needs their result below `if __name__ == "__main__":`.'
        )
    if str(error).startswith("'Context' object has no attribute"):
        return context_hint(getattr(error, "name", None) or str(error).split("'")[-2])
    for frame in frames_of(error):
        path = frame.f_code.co_filename.replace(os.sep, "/")
        if path.endswith("prefect/client/secrets.py"):
            return secret_hint(getattr(frame.f_locals.get("self"), "name", None))
        if path.endswith("prefect/backend/kv_store.py"):
            return f"The key-value store can't be read while flows are loaded. {IN_A_TASK}."
        if path.endswith("prefect/client/client.py"):
            return f"Prefect's API can't be used while flows are loaded. {IN_A_TASK}."
    return None


def context_hint(name: str) -> str:
    if name == "secrets":
        return (
            "`prefect.context` has secrets only if they are set, and in a run. For the load alone, "
            "set `PREFECT__CONTEXT__SECRETS__NAME` with `load-env-vars`."
        )
    return f"`prefect.context` has `{name}` only while a flow runs. Read it inside a task."


def secret_hint(name: "Optional[object]") -> str:
    shown = name if isinstance(name, str) else "NAME"
    try:
        from prefect.tasks.secrets import PrefectSecret  # noqa: F401
    except ImportError:
        # These releases also write the names of secrets from variables in lower case.
        return f'Secrets are there when a flow runs: call `Secret("{shown}").get()` inside a task.'
    return (
        f'A flow reads a secret when it runs: call `PrefectSecret("{shown}")` inside '
        f"`with Flow(...)`. For the load alone, set `PREFECT__CONTEXT__SECRETS__{shown}` "
        "with `load-env-vars`."
    )


def frames_of(error: BaseException) -> "Iterator[types.FrameType]":
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield frame
