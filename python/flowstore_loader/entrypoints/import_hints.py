"""What to do about exceptions that come from a use of Prefect while modules are imported."""

from .calls import NO_API, FlowCallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


def import_hint(error: BaseException) -> "Optional[str]":
    if isinstance(error, FlowCallError):
        return 'Put the call below `if __name__ == "__main__":`, or remove it.'
    if NO_API in str(error):
        return (
            "Prefect's API can't be used while flows are loaded. Load blocks and variables, and "
            "call tasks, inside the flow."
        )
    if "should be applied on top of @flow" in str(error):
        return "This release has no flows of classes: make it a function of the module."
    if type(error).__name__ == "InvalidNameError":
        return "Give the flow another `name`."
    return None
