"""Loads flow modules and serializes their flows."""

import contextlib
import importlib
import json
import os
import sys
import time
import traceback

from .dependencies import declared_dependencies
from .description import describe_flow
from .flows import Places, flows_of_module, merge_flows, select_flows
from .helpers import plan_helpers
from .importing import enter_group, grouped, import_flow_module
from .imports import Imports, import_places, missing_imports
from .interpreter import differences, installed_version, python_version
from .pickles import mend_old_cloudpickle
from .problems import error_text, import_problem, problem, said_once
from .registration import register_form
from .releases import is_since, pickle_protocol
from .repository import Repository
from .serializing import serialize


def load(request):
    output = os.path.abspath(request["output"])
    repository = Repository(request["root"], [module["file"] for module in request["modules"]])
    result = {"versions": None, "flows": [], "helpers": [], "problems": [], "durations": {}}
    result["dependencies"], result["unregistrable"], result["missing"] = [], [], []
    problems, durations = result["problems"], result["durations"]
    result["differences"] = differences(request["expect"]) if request.get("expect") else []
    if result["differences"]:
        return result
    try:
        os.chdir(repository.root)
        with timed(durations, "prefect"):
            problems += import_prefect()
        if not problems:
            import cloudpickle
            import prefect

            result["versions"] = {
                "python": python_version(),
                "prefect": prefect.__version__,
                "cloudpickle": cloudpickle.__version__,
            }
            load_into(result, request, repository, output)
    except Exception as error:
        text = "The loader failed: " + error_text(error)
        problems.append(problem("LOAD_FAILED", text, detail=traceback.format_exc().rstrip()))
    return result


def load_into(result, request, repository, output):
    import prefect

    problems, durations = result["problems"], result["durations"]
    imports, places = Imports(repository), Places(repository)
    mend_old_cloudpickle()
    with timed(durations, "modules"):
        groups, per_module = import_modules(request, repository, imports, places, problems)
        flows, conflicts = merge_flows(per_module, repository)
        failed = {p["file"] for p in problems if p["code"] == "MODULE_IMPORT"}
        if failed:
            files = [repository.path(module["file"]) for module in request["modules"]]
            result["dependencies"] = declared_dependencies(files)
        problems += conflicts
    by_value = None
    if request["helpers"] == "reference":
        shipped, by_value, conflicts = plan_helpers(groups, repository, imports)
        problems += conflicts
        result["helpers"] = [
            {"file": repository.relative(file), "path": path}
            for path, file in sorted(shipped.items())
        ]
    protocol = pickle_protocol(request["pickleProtocols"], prefect.__version__)
    os.makedirs(os.path.join(output, "flows"), exist_ok=True)
    entries = []
    with timed(durations, "serialize"):
        for index, entry in enumerate(flows):
            content, failure = serialize(entry, repository, imports, by_value, protocol)
            if failure:
                problems.append(failure)
                continue
            file = "flows/%d.pickle" % index
            with open(os.path.join(output, file), "wb") as stream:
                stream.write(content)
            described = describe_flow(entry, repository)
            places = import_places(entry, imports, repository)
            result["flows"].append(dict(described, file=file, imports=places))
            entries.append(entry)
        result["missing"] = missing_imports(entries, imports, repository)
        flows_json = request.get("flowsJson")
        if not flows_json or not is_since(prefect.__version__, flows_json["since"]):
            return
        # Not before all are pickled: Prefect writes slugs into tasks, which flows may share.
        labels = None
        if is_since(prefect.__version__, flows_json["labelsSince"]):
            labels = flows_json["labels"]
        for entry, flow in zip(entries, result["flows"]):
            fields, failure = register_form(entry, repository, labels)
            if failure:
                result["unregistrable"].append(failure)
                continue
            # Beside the result: of many flows it is too much to be read at once.
            flow["serialized"] = flow["file"].replace(".pickle", ".json")
            with open(os.path.join(output, flow["serialized"]), "w", encoding="utf-8") as stream:
                json.dump(fields, stream)


@contextlib.contextmanager
def timed(durations, name):
    start = time.perf_counter()
    try:
        yield
    finally:
        durations[name] = round(time.perf_counter() - start, 3)


def import_prefect():
    """Imports Prefect and cloudpickle before any folder of the user's is on `sys.path`."""
    try:
        import prefect
        import cloudpickle  # noqa: F401

        prefect.Flow
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        version = installed_version("prefect")
        if version is None:
            text = "Prefect is not installed in %s." % sys.executable
            hint = "Set `prefect-version`, or install Prefect where the flows are loaded."
            return [problem("PREFECT_NOT_FOUND", text, hint=hint)]
        text = "Prefect %s is installed but can't be imported: %s" % (version, error_text(error))
        return [problem("PREFECT_NOT_FOUND", text, detail=traceback.format_exc().rstrip())]
    return []


def import_modules(request, repository, imports, places, problems):
    """`(groups, flows wanted of each module in the order asked)`."""
    import prefect

    flow_class = prefect.Flow
    own_path = list(sys.path)
    found = {index: ([], []) for index in range(len(request["modules"]))}
    groups = grouped(request["modules"], repository)
    # `loading_flow` makes newer releases pass over `flow.run()` and `flow.register()`, as they do
    # when they load a flow's file themselves.
    with places.recording(flow_class), prefect.context(loading_flow=True):
        previous = None
        for group, members in groups:
            enter_group(group, previous or group, repository, imports)
            previous = group
            importlib.invalidate_caches()
            for index, module_request, name in members:
                sys.path[:] = list(group.path) + [p for p in own_path if p not in group.path]
                sys.argv[:] = [module_request["file"]]
                os.chdir(repository.root)
                module, failures = try_import(module_request, name, group, repository, imports)
                group.add_roots(repository)
                if module:
                    flows = flows_of_module(module, group, flow_class, places)
                    flows, failures = select_flows(flows, module_request)
                    found[index] = (flows, failures)
                else:
                    found[index] = ([], failures)
            group.modules = repository.loaded()
            group.foreign = repository.foreign_names()
    sys.path[:] = own_path
    problems += said_once(
        (request["modules"][index]["file"], failure)
        for index in sorted(found)
        for failure in found[index][1]
    )
    return [group for group, _ in groups], [found[index][0] for index in sorted(found)]


def try_import(request, name, group, repository, imports):
    """`(module, [])` or `(None, problems)`."""
    file = repository.path(request["file"])
    if not os.path.isfile(file):
        text = "There is no file %s." % request["file"]
        return None, [problem("MODULE_NOT_FOUND", text, request["file"])]
    try:
        return import_flow_module(name, file, repository), []
    except KeyboardInterrupt:
        raise
    except BaseException as error:

        def known(package):
            return imports.resolve(package, group.roots) is not None

        return None, [import_problem(error, request, repository, known)]
