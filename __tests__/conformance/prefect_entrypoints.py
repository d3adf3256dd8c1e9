"""What a release of Prefect 2 or 3 says of entrypoints, each loaded in a process that has seen no other.

    python prefect_entrypoints.py PROJECT ENTRYPOINTS.json > RESULT.json
"""

import inspect
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

import prefect
import prefect.flows
from prefect.utilities.callables import parameter_schema

LOAD = prefect.flows.load_flow_from_entrypoint


def load(entrypoint):
    # Without it, newer releases make a flow of the source where the module fails.
    known = inspect.signature(LOAD).parameters
    options = {"use_placeholder_flow": False} if "use_placeholder_flow" in known else {}
    return LOAD(entrypoint, **options)


def dumped(schema):
    if hasattr(schema, "model_dump"):
        return schema.model_dump(mode="json", exclude_unset=True)
    return json.loads(schema.json(exclude_unset=True))


def describe(flow):
    return {
        "name": flow.name,
        "version": flow.version,
        "description": flow.description,
        "isAsync": bool(flow.isasync),
        "retries": flow.retries,
        "retryDelaySeconds": flow.retry_delay_seconds,
        "timeoutSeconds": flow.timeout_seconds,
        "parameterSchema": dumped(parameter_schema(flow)),
    }


def answer(entrypoint):
    try:
        flow = load(entrypoint)
        if not isinstance(flow, prefect.Flow):
            return {"error": "not a flow: %s" % type(flow).__name__}
        return {"flow": describe(flow)}
    except BaseException as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


def in_a_process(entrypoint):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        # What a module prints is not part of the result.
        os.dup2(2, 1)
        with os.fdopen(write, "w") as stream:
            json.dump(answer(entrypoint), stream)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "the process ended without an answer"}


with open(sys.argv[2], encoding="utf-8") as asked:
    entrypoints = json.load(asked)
os.chdir(sys.argv[1])
result = {
    "versions": {"python": "%d.%d" % sys.version_info[:2], "prefect": prefect.__version__},
    "entrypoints": {entrypoint: in_a_process(entrypoint) for entrypoint in entrypoints},
}
json.dump(result, sys.stdout)
