"""What to do about exceptions that come from a use of Prefect while modules are imported."""

import os
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Iterator, Optional

IN_A_TASK = "Move it into a task, which runs when the flow runs"
# Names and modules of Prefect 2 and 3.
LATER_NAMES = {
    "deploy",
    "flow",
    "get_client",
    "get_run_logger",
    "serve",
    "variables",
}
LATER_MODULES = {
    "artifacts",
    "blocks",
    "concurrency",
    "deployments",
    "events",
    "filesystems",
    "flows",
    "futures",
    "infrastructure",
    "logging",
    "orion",
    "results",
    "runtime",
    "server",
    "settings",
    "states",
    "task_runners",
    "testing",
    "variables",
}


def import_hint(error: BaseException, has_ignored_calls: bool) -> "Optional[str]":
    """`has_ignored_calls`: the file that raised has calls that return None while it is loaded."""
    if isinstance(error, ImportError):
        return later_release_hint(error)
    if has_ignored_calls and "'NoneType'" in str(error):
        return (
            "Calls such as `flow.run()` and `flow.register()` return None while flows are loaded. "
            'Put what needs their result below `if __name__ == "__main__":`.'
        )
    for frame in frames_of(error):
        path = frame.f_code.co_filename.replace(os.sep, "/")
        if path.endswith("prefect/client/secrets.py"):
            return secret_hint(getattr(frame.f_locals.get("self"), "name", None))
        if path.endswith("prefect/backend/kv_store.py"):
            return f"The key-value store can't be read while flows are loaded. {IN_A_TASK}."
        if path.endswith("prefect/client/client.py"):
            return f"Prefect's API can't be used while flows are loaded. {IN_A_TASK}."
    return None


def later_release_hint(error: ImportError) -> "Optional[str]":
    module, _, name = (error.name or "").partition(".")
    # Python 3.6 does not name the module of `from module import name`.
    frames = traceback.extract_tb(error.__traceback__) if error.name is None else []
    if module != "prefect" and not any(
        f.line.startswith("from prefect ") for f in frames if f.line
    ):
        return None
    names = {name for name in LATER_NAMES if f"cannot import name '{name}'" in str(error)}
    if names or name.partition(".")[0] in LATER_MODULES:
        return (
            "That is of Prefect 2 or later, and flowstore stores flows of Prefect 0.5.4 to 1.4.1: "
            "`from prefect import Flow, task`."
        )
    return None


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
