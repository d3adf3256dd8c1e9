"""The action `run`: runs a stored flow."""

from .check import read_named_flow, with_absolute_path
from .generation import import_generation
from .problems import error_text, frames_outside_loader, traceback_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Request, Result


def run(request: "Request") -> "Result":
    stored = with_absolute_path(request["flow"])
    try:
        flow = read_named_flow(stored)
        return import_generation().run_flow(flow, request["parameters"])
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = traceback_text(error, frames_outside_loader(error))
        return {
            "state": None,
            "successful": False,
            "message": error_text(error),
            "detail": detail,
            "refused": False,
        }
