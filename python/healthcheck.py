"""Reads every flow of this image back, as an agent does before it runs one.

    python healthcheck.py

Prints a line for each; the exit code is 1 if a flow does not load.
"""

import base64
import contextlib
import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FLOWS = {}  # type: ignore[var-annotated]
"""The location of each flow, by its name."""


def read_flow(path: str) -> "Any":
    """A flow from its file: Prefect's JSON envelope (from 0.14.3), or else the raw pickle."""
    import cloudpickle

    with open(path, "rb") as stream:
        content = stream.read()
    # The image has no request that says which of the two it is, as the loader has.
    with contextlib.suppress(ValueError):
        content = base64.b64decode(json.loads(content.decode("utf-8"))["flow"])
    return cloudpickle.loads(content)


def main() -> int:
    failed = 0
    for name, path in sorted(FLOWS.items()):
        try:
            flow = read_flow(path)
            if flow.name != name:
                raise ValueError(f'{path} holds the flow "{flow.name}"')
        except Exception as error:
            failed += 1
            print(f"{json.dumps(name)}: {type(error).__name__}: {error}")
        else:
            print(f"{json.dumps(name)}: ok")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
