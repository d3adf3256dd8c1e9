"""What to do about exceptions that come from a use of Prefect while modules are imported."""

import traceback

from .calls import NO_API, FlowCallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

BELOW_MAIN = 'Put the call below `if __name__ == "__main__":`, or remove it.'
DEPLOYING = {"serve", "aserve", "deploy", "adeploy", "apply", "aapply", "build_from_flow"}
"""Names of Prefect's functions that write deployments."""
CAUSES = {
    NO_API: (
        "Prefect's API can't be used while flows are loaded. Load blocks and variables, and "
        "call tasks, inside the flow."
    ),
    "Failed to clone repository": (
        "`from_source` gets the code of a flow from elsewhere, and the sources are here. "
        + BELOW_MAIN
    ),
    "should be applied on top of @flow": (
        "This release has no flows of classes: make it a function of the module."
    ),
    "submitting a task outside of a flow": "Call tasks inside the flow.",
    "If you meant to submit a background task": "Call tasks inside the flow.",
}
KINDS = {
    "InvalidNameError": "Give the flow another `name`.",
    "ReservedArgumentError": "Prefect uses this name itself: rename the parameter.",
    "MissingContextError": "Only a run has it: call it inside the flow or a task.",
}
ANNOTATIONS = (
    "This Prefect reads the annotations of a flow's parameters when it makes the flow: import the "
    "name at the top of the module, not only below `if TYPE_CHECKING:`."
)


def import_hint(
    error: BaseException, file: str, version: str, ignored: "List[Dict[str, Any]]"
) -> "Optional[str]":
    """`file` raised the error; `ignored` are the calls of flows that had no effect."""
    text = str(error)
    if isinstance(error, FlowCallError) or (NO_API in text and is_deploying(error)):
        return BELOW_MAIN
    hint = next((hint for part, hint in CAUSES.items() if part in text), None)
    hint = hint or KINDS.get(type(error).__name__)
    if hint:
        return hint
    if is_of_other_release(error):
        return (
            f"Prefect {version} does not have it: the module may be for another release. Change "
            f"the import, or leave the module out with a line `!{file}` in `flows`."
        )
    if isinstance(error, NameError) and is_of_annotation(error):
        return ANNOTATIONS
    for call in ignored:
        if call["file"] == file:
            return f"`{call['call']}` in line {call['line']} returns nothing here. " + BELOW_MAIN
    return None


def is_deploying(error: BaseException) -> bool:
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(
        frame.f_code.co_name in DEPLOYING
        and str(frame.f_globals.get("__name__")).startswith("prefect.")
        for frame in frames
    )


def is_of_other_release(error: BaseException) -> bool:
    is_removed = type(error).__name__ == "PrefectImportError"
    return is_removed or (isinstance(error, ImportError) and str(error.name).startswith("prefect."))


def is_of_annotation(error: BaseException) -> bool:
    """Whether the text of an annotation raised it, which has no file."""
    frames = traceback.extract_tb(error.__traceback__)
    return len(frames) > 1 and frames[-1].filename == "<string>"
