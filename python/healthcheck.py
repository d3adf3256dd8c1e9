"""Reads every flow of this image back, as an agent does before it runs one.

    python healthcheck.py

Ends with 1, and says why, where a flow does not load.
"""

import base64
import json
import sys

FLOWS = {}
"""Name of each flow, to its location."""


def read_flow(path):
    """A flow from its file: Prefect's JSON envelope (from 0.14.3), or else the raw pickle."""
    import cloudpickle

    with open(path, "rb") as stream:
        content = stream.read()
    try:
        content = base64.b64decode(json.loads(content.decode("utf-8"))["flow"])
    except ValueError:
        pass
    return cloudpickle.loads(content)


def main():
    failed = 0
    for name, path in sorted(FLOWS.items()):
        try:
            flow = read_flow(path)
            if flow.name != name:
                raise ValueError('%s holds the flow "%s"' % (path, flow.name))
        except Exception as error:
            failed += 1
            print("%s: %s: %s" % (json.dumps(name), type(error).__name__, error))
        else:
            print("%s: ok" % json.dumps(name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
