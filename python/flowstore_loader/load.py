"""The action `load`: imports flow modules and serializes their flows."""

import os
import sys
import traceback

from .closure import closures
from .durations import timed
from .flows import merge_flows
from .generation import import_generation
from .imports import Imports, first_imports, left_out_imports, missing_imports
from .interpreter import differences, installed_version, python_version
from .modules import import_modules
from .network import bound_retries
from .problems import error_text, problem, user_frames
from .repository import Repository
from .risks import risks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Set, Tuple

    from .flows import FoundFlow
    from .generation import Generation
    from .modules import ImportedModules
    from .problems import Problem
    from .protocol import Request, Result


class PrefectError(Exception):
    """Prefect can't be imported; `problem` says why."""

    def __init__(self, failure: "Problem") -> None:
        super().__init__(failure["message"])
        self.problem = failure


def load(request: "Request") -> "Result":
    os.environ.update(request["variables"])
    output = os.path.abspath(request["output"])
    files = [module["file"] for module in request["modules"]] + request["beside"]
    repository = Repository(request["root"], request["top"], files, request["importRoots"])
    result: Result = {
        "versions": None,
        "flows": [],
        "helpers": [],
        "inPickles": [],
        "problems": [],
        "differences": [],
        "unregistrable": [],
        "missing": [],
        "flowless": [],
        "unaddressable": [],
        "leftOut": [],
        "risks": [],
        "dependencies": [],
        "calls": [],
        "slow": [],
        "revealed": [],
        "seen": None,
        "durations": {},
    }
    if request.get("expect"):
        result["differences"] = differences(request["expect"])
    if result["differences"]:
        return result
    try:
        os.chdir(repository.root)
        with timed("prefect", result["durations"]):
            generation, versions = import_prefect()
        result["versions"] = dict(versions, python=python_version())
        load_observed(request, repository, generation, output, result)
    except PrefectError as error:
        result["problems"].append(error.problem)
    except Exception as error:
        text = f"The loader failed: {error_text(error)}"
        detail = traceback.format_exc().rstrip()
        # Modules may have replaced what it uses.
        frames = user_frames(error, repository)
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
        result["problems"].append(problem("LOAD_FAILED", text, file, line, detail))
    return result


def import_prefect() -> "Tuple[Generation, Dict[str, str]]":
    """`(generation, versions)`; raises PrefectError if Prefect can't be imported."""
    try:
        generation = import_generation()
        return generation, generation.import_prefect()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        version = installed_version("prefect")
        if version is None:
            text = f"Prefect is not installed in {sys.executable}."
            hint = "Set `prefect-version`, or install Prefect where the flows are loaded."
            raise PrefectError(problem("PREFECT_NOT_FOUND", text, hint=hint)) from error
        text = f"Prefect {version} is installed but can't be imported: {error_text(error)}"
        detail = traceback.format_exc().rstrip()
        raise PrefectError(problem("PREFECT_NOT_FOUND", text, detail=detail)) from error


def load_observed(
    request: "Request",
    repository: Repository,
    generation: "Generation",
    output: str,
    result: "Result",
) -> None:
    """As load_modules(); with what that has seen, if the request asks for it."""
    if not request["observe"]:
        load_modules(request, repository, generation, output, result)
        return
    from .observation import begin_observation

    os.makedirs(output, exist_ok=True)
    seen = begin_observation(repository, output)
    imports, imported = load_modules(request, repository, generation, output, result)
    foreign = generation.foreign_names(imported.groups, imports)
    built = sorted(generation.functions_that_built())
    result["seen"] = dict(
        seen(),
        foreign=sorted(foreign & names_of_sources(repository)),
        called=[{"file": repository.relative(file), "name": name} for file, name in built],
        builders=imported.builders,
    )


def names_of_sources(repository: Repository) -> "Set[str]":
    """The names of all files and folders, as modules have them."""
    names: Set[str] = set()
    for _, folders, files in os.walk(repository.prefix):
        names.update(folders)
        names.update(file.partition(".")[0] for file in files)
    return names


def load_modules(
    request: "Request",
    repository: Repository,
    generation: "Generation",
    output: str,
    result: "Result",
) -> "Tuple[Imports, ImportedModules]":
    """Adds the modules' flows and problems to the result."""
    imports = Imports(repository)
    bound_retries()
    with timed("modules", result["durations"]):
        imported = import_modules(request["modules"], imports, generation, request["variables"])
        flows, conflicts = merge_flows(imported.flows, repository, generation.names_are_unique)
        result["problems"] += imported.problems + conflicts
        result["calls"] = generation.calls()
        result["unaddressable"] = generation.unaddressable()
        result["slow"] = imported.slow
        result["flowless"] = imported.flowless
        if any(failure["code"] == "MODULE_IMPORT" for failure in imported.problems):
            files = [repository.path(module["file"]) for module in request["modules"]]
            result["dependencies"] = generation.declared_dependencies(files)
    with timed("serialize", result["durations"]):
        serialized = generation.serialize(flows, imported.groups, imports, request, output)
        result["problems"] += serialized.problems
        result["helpers"] = serialized.helpers
        result["inPickles"] = serialized.in_pickles
        result["unregistrable"] = serialized.unregistrable
        result["revealed"] = serialized.revealed
        stored = [flow for flow, _ in serialized.flows]
        made_from = closures(stored, imported.groups, imports)
        result["flows"] = [
            dict(describe(flow, imports), closure=made_from[flow], **fields)
            for flow, fields in serialized.flows
        ]
        result["missing"] = missing_imports(stored, imports)
        result["leftOut"] = left_out_imports(stored, imports, request["leftOut"])
        if not generation.runs_in_sources:
            result["risks"] = risks(stored, imports, serialized.in_pickles)
    return imports, imported


def describe(flow: "FoundFlow", imports: Imports) -> "Result":
    """The description of a flow, for any generation."""
    location = flow.location
    return {
        "name": flow.name,
        "module": imports.repository.relative(location.path),
        "line": location.line,
        "imports": first_imports(flow, imports),
    }
