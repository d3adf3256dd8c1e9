"""What a release of Prefect does with flows by its own storage classes.

    python prefect_storages.py ACTION REQUEST.json RESULT.json
"""

import glob
import importlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

import cloudpickle
import prefect
from prefect.serialization.storage import StorageSchema

try:
    import prefect.storage as storages
except ImportError:
    import prefect.environments.storage as storages

CLASSES = {
    "local": getattr(storages, "Local", None) or storages.LocalStorage,
    "memory": getattr(storages, "Memory", None),
    "bytes": getattr(storages, "Bytes", None),
    "docker": storages.Docker,
}


def outcome(work):
    try:
        return {"value": work()}
    except Exception as error:
        return {"error": {"type": type(error).__name__, "message": str(error)}}


def import_flows(root):
    sys.path.insert(0, root)
    for file in sorted(glob.glob(os.path.join(root, "*.py"))):
        module = importlib.import_module(os.path.splitext(os.path.basename(file))[0])
        for value in list(vars(module).values()):
            for flow in value if isinstance(value, list) else [value]:
                if isinstance(flow, prefect.Flow):
                    yield flow


def describe(flow):
    edges = [
        [e.upstream_task.name, e.downstream_task.name, e.key or "", e.mapped] for e in flow.edges
    ]
    return {
        "name": flow.name,
        "tasks": sorted([task.name, task.max_retries, sorted(task.tags)] for task in flow.tasks),
        "edges": sorted(edges),
        "parameters": sorted([p.name, p.required, p.default] for p in flow.parameters()),
        "scheduled": flow.schedule is not None,
    }


def errors(storage, flow):
    location = storage.flows[flow.name]
    return {
        "duplicate": outcome(lambda: storage.add_flow(flow)),
        "missing": outcome(lambda: storage.get_flow("nope").name),
        "byName": outcome(lambda: storage.get_flow(flow.name).name),
        "byLocation": outcome(lambda: storage.get_flow(location).name),
    }


def build(request):
    flows = list(import_flows(request["root"]))
    result = {
        "versions": {
            "python": "%d.%d.%d" % sys.version_info[:3],
            "prefect": prefect.__version__,
            "cloudpickle": cloudpickle.__version__,
        },
        "flows": [describe(flow) for flow in flows],
        "storages": {},
    }
    for kind, storage_class in CLASSES.items():
        if storage_class is None:
            continue
        options = {"directory": request["directory"]} if kind == "local" else {}
        storage = storage_class(**options)
        empty = storage.serialize()
        locations = [[flow.name, storage.add_flow(flow)] for flow in flows]
        result["storages"][kind] = {
            "empty": empty,
            "full": storage.serialize(),
            "locations": locations,
            "contains": [x in storage for x in (flows[0].name, "nope", locations[0][1], 7, flows[0])],
            "errors": errors(storage, flows[0]),
        }
    result["docker"] = build_docker(request, flows)
    return result


def build_docker(request, flows):
    def image(options):
        storage = storages.Docker(**options)
        return {
            "name": outcome(lambda: storage.name),
            "json": storage.serialize(),
            "prefectVersion": storage.prefect_version,
            "baseImage": storage.base_image,
        }

    storage = storages.Docker()
    for flow in flows:
        storage.add_flow(flow)
    storage.create_dockerfile_object(directory=request["context"])
    return {
        "images": [image(options) for options in request["images"]],
        "files": outcome(lambda: storages.Docker(files=request["files"]).files),
    }


def run(flow):
    state = flow.run(run_on_schedule=False)
    return "Successful" if state.is_successful() else "%s: %s" % (type(state).__name__, state.message)


def read(request):
    result = {}
    for kind, document in request["documents"].items():
        storage = StorageSchema().load(document)
        flows = []
        if request["getFlowBy"].get(kind):
            by_name = request["getFlowBy"][kind] == "name"
            for name, location in storage.flows.items():
                flow = storage.get_flow(name if by_name else location)
                flows.append({"flow": describe(flow), "state": run(flow)})
        result[kind] = {"json": storage.serialize(), "name": outcome(lambda: storage.name), "flows": flows}
    return result


def flow_of(file):
    with open(file, "rb") as stream:
        content = stream.read()
    try:
        from prefect.utilities.storage import flow_from_bytes_pickle as loads
    except ImportError:
        loads = cloudpickle.loads
    return loads(content)


def image(request):
    """Runs what the release's own Dockerfile ends with on the files that are in the image."""
    flows = {name: flow_of(file) for name, file in request["flows"].items()}
    storage = storages.Docker()
    storage.flows, storage._flows = dict(request["flows"]), flows
    folder = tempfile.mkdtemp()
    storage.create_dockerfile_object(directory=folder)
    with open(os.path.join(folder, "Dockerfile"), encoding="utf-8") as dockerfile:
        lines = [line.strip() for line in dockerfile]
    command = [line for line in lines if line.startswith("RUN python ")][-1]
    arguments = shlex.split(command)[3:]
    ended = subprocess.run(
        [sys.executable, os.path.join(folder, "healthcheck.py")] + arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output = ended.stdout.decode("utf-8", "replace").strip()
    return {
        "healthcheck": {"code": ended.returncode, "output": output, "command": command},
        "flows": [{"flow": describe(flow), "state": run(flow)} for flow in flows.values()],
    }


if __name__ == "__main__":
    action, request_file, result_file = sys.argv[1:]
    with open(request_file, encoding="utf-8") as stream:
        work = {"build": build, "read": read, "image": image}[action](json.load(stream))
    with open(result_file, "w", encoding="utf-8") as stream:
        json.dump(work, stream)
