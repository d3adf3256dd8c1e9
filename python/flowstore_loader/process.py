"""Ends a process of the loader."""

import contextlib
import os
import sys

from .problems import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, NoReturn

INTERRUPTED = 130
# Modules may replace these.
end_now, write = os._exit, os.write


def end_process(work: "Callable[[], None]") -> "NoReturn":
    """Does the work, and ends the process: the user's threads and exit handlers can't delay it."""
    code, text = 0, ""
    try:
        work()
    except KeyboardInterrupt:
        code, text = INTERRUPTED, "interrupted"
    except BaseException as error:
        code, text = 1, error_text(error)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    if text:
        report_failure(text)
    remove_prefect_home()
    end_now(code)


def remove_prefect_home() -> None:
    """Removes the folder that `boot.py` has named for this process, and not for a fork of it."""
    home = os.environ.get("PREFECT_HOME", "")
    if os.path.basename(home).startswith(f"prefect-{os.getpid()}-") and os.path.isdir(home):
        import shutil

        shutil.rmtree(home, ignore_errors=True)


def report_failure(text: str) -> None:
    """Writes one line to the standard error that the process started with."""
    line = " ".join(text.split())
    write(2, f"flowstore_loader: {line}\n".encode("utf-8", "replace"))
