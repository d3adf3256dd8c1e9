"""The action `start`: starts a command of a package, as a shell does, and says how it ended."""

import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Request, Result

MOST_PRINTED = 1 << 14
# Its script may name the Python of another folder, as that of an image does.
COMMAND = """
import sys
from importlib.metadata import distribution
sys.path[:] = [folder for folder in sys.path if folder]
sys.argv = sys.argv[1:]
points = [p for p in distribution(sys.argv[0]).entry_points if p.group == "console_scripts"]
sys.exit(next(p for p in points if p.name == sys.argv[0]).load()())
"""


def start(request: "Request") -> "Result":
    """Starts the script `NAME` of the distribution `NAME`, the first word of the command."""
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, *request["command"]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    printed = ended.stdout.decode("utf-8", "replace")[-MOST_PRINTED:]
    return {"exitCode": ended.returncode, "printed": printed}
