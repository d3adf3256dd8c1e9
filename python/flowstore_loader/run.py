"""The action `run`: runs a stored flow."""

import contextlib
import os
import tempfile
import warnings

from .check import read_named_flow, with_absolute_path
from .generation import import_generation
from .problems import error_text, frames_outside_loader, traceback_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from .protocol import Request, Result


@contextlib.contextmanager
def own_server() -> "Iterator[None]":
    """Has Prefect 2 and 3 use an empty server of this process, if no other one is set.

    The database in the home folder may be of another release, and its profile may name a server.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="prefect-") as home:
        os.environ["PREFECT_HOME"] = home
        # The image may forbid it: the names of 3.0.0 to 3.0.10, and of later releases.
        os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"
        os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "true"
        # The default of 20 s is short on a busy machine.
        os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
        # Nobody reads the logs of that server, which it takes until it stops.
        os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
        os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        # It would warn that it can't keep the list of blocks for its next start.
        os.environ["PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION"] = "false"
        # SQLAlchemy says so of the new database of Prefect 2.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection")
        yield


def run(request: "Request") -> "Result":
    stored = with_absolute_path(request["flow"])
    loaded = False
    try:
        with own_server():
            flow = read_named_flow(stored)
            loaded = True
            outcome = import_generation().run_flow(flow, request["parameters"])
            return dict(outcome, loaded=loaded)
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
            "loaded": loaded,
        }
