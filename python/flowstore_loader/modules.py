"""Imports flow modules by the names that other modules use for them, and finds their flows."""

import importlib
import importlib.machinery
import importlib.util
import os
import sys

from .durations import timed
from .flows import select_flows
from .generation import seen_clauses
from .groups import drop_stale_modules, grouped
from .import_hints import import_hint
from .limits import memory_limit
from .marks import mark_module
from .other_generation import other_generation_problem
from .problems import (
    absent_paths,
    import_problem,
    printable,
    problem,
    traceback_text,
    user_frames,
    without_repeats,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, Iterator, List, Optional, Tuple

    from .flows import FoundFlow
    from .generation import Builder, Generation
    from .groups import Group, Member
    from .imports import Imports
    from .problems import Problem
    from .repository import Repository


SLOW_SECONDS = 5


class ImportedModules:
    """The groups of imported modules, their wanted flows, and their problems."""

    def __init__(
        self,
        groups: "List[Group]",
        flows: "List[FoundFlow]",
        problems: "List[Problem]",
        builders: "Dict[str, List[Builder]]",
        slow: "List[Dict[str, Any]]",
    ) -> None:
        self.groups = groups
        self.flows = flows
        self.problems = problems
        self.flowless = [flowless_module(file, found) for file, found in builders.items()]
        """The modules that have no flow and need none: `{file, seen, factories}` of each."""
        self.slow = slow
        """`{file, seconds}` of modules that took long to import."""
        self.builders = {
            file: [sorted(each.functions) for each in found] for file, found in builders.items()
        }
        """For each file in `flowless`: the functions of each thing that would build flows."""


def import_modules(
    requests: "List[Dict[str, Any]]",
    imports: "Imports",
    generation: "Generation",
    variables: "Dict[str, str]",
) -> ImportedModules:
    """Imports the modules group by group; flows and problems are in the order of the requests."""
    repository = imports.repository
    groups = grouped(requests, imports, generation)
    initial_path = list(sys.path)
    found: Dict[int, Tuple[List[FoundFlow], List[Problem]]] = {}
    seconds: Dict[str, float] = {}
    previous = None
    flowless: Dict[str, types.ModuleType] = {}
    with generation.importing(repository, variables) as finder:
        for group, members in groups:
            drop_stale_modules(group, previous or group, imports)
            previous = group
            importlib.invalidate_caches()
            for index, request, name in marked(members, found, len(requests)):
                sys.path[:] = [*group.path, *(p for p in initial_path if p not in group.path)]
                with timed(request["file"], seconds):
                    module, failure = import_request(request, name, group, imports, generation)
                if module is None:
                    found[index] = [], [failure] if failure else []
                    continue
                found[index] = select_flows(module, group, request, finder)
                if found[index] == ([], []):
                    flowless[request["file"]] = module
            group.modules.update(repository.loaded_modules())
            group.foreign = repository.foreign_names(group.modules)
        # Only now is it known which functions other modules have called.
        builders = {file: finder.builders_of(module) for file, module in flowless.items()}
    sys.path[:] = initial_path
    flows, failures = [], []
    for index, request in enumerate(requests):
        flows += found[index][0]
        failures += [(request["file"], failure) for failure in found[index][1]]
    imported = [group for group, _ in groups]
    slow = slow_modules(seconds)
    return ImportedModules(imported, flows, without_repeats(failures), builders, slow)


def slow_modules(seconds: "Dict[str, float]") -> "List[Dict[str, Any]]":
    return [
        {"file": file, "seconds": round(spent, 1)}
        for file, spent in seconds.items()
        if spent > SLOW_SECONDS
    ]


def marked(members: "List[Member]", found: "Dict[int, Any]", count: int) -> "Iterator[Member]":
    """Marks each member while its module is imported."""
    for member in members:
        mark_module(len(found), count, member[1]["file"])
        yield member
    if len(found) == count:
        mark_module(count, count, "")


def flowless_module(file: str, builders: "List[Builder]") -> "Dict[str, Any]":
    return {
        "file": file,
        "seen": seen_clauses(builders),
        "factories": [builder.factory for builder in builders if builder.factory],
    }


def import_request(
    request: "Dict[str, Any]",
    name: str,
    group: "Group",
    imports: "Imports",
    generation: "Generation",
) -> "Tuple[Optional[types.ModuleType], Optional[Problem]]":
    """As try_import(), with the arguments and the folder that a flow module expects."""
    sys.argv[:] = [request["file"]]
    os.chdir(imports.repository.root)
    imported = try_import(request["file"], name, group, imports, generation)
    group.add_roots(imports.repository)
    return imported


def try_import(
    relative_file: str, name: str, group: "Group", imports: "Imports", generation: "Generation"
) -> "Tuple[Optional[types.ModuleType], Optional[Problem]]":
    """`(module, None)` or `(None, problem)`."""
    repository = imports.repository
    file = repository.path(relative_file)
    if not os.path.isfile(file):
        text = f"There is no file {relative_file}."
        return None, problem("MODULE_NOT_FOUND", text, relative_file)
    signs = generation.other_generation(file)
    if any(not sign.is_lazy for sign in signs):
        return None, other_generation_problem(signs, relative_file)
    try:
        return generation.import_module(name, file, group, imports), None
    except KeyboardInterrupt:
        raise
    except BaseException as raised:
        error = printable(raised)
        most = memory_limit(error)
        if most is not None:
            text = f"{relative_file} needs more memory than load-memory allows, {most >> 20}m."
            detail = traceback_text(error, user_frames(error, repository))
            return None, problem("LOAD_LIMIT", text, relative_file, detail=detail)

        def is_known(package: str) -> bool:
            return imports.resolve(package, group.roots) is not None

        def special_hint(failure: BaseException, raising: str) -> "Optional[str]":
            return import_hint(failure, raising, imports, group, generation)

        failure = import_problem(
            error, relative_file, repository, is_known, group.roots, special_hint
        )
        if failure["file"] and failure["code"] == "MODULE_IMPORT":
            # A module that it imports may be the one of another generation.
            signs = generation.other_generation(repository.path(failure["file"]))
            signs = [sign for sign in signs if sign.line == failure["line"]]
            if signs:
                return None, other_generation_problem(signs, failure["file"], failure["detail"])
        return None, dict(failure, absent=absent_paths(error, repository, group.roots))


def import_flow_module(name: str, file: str, repository: "Repository") -> "types.ModuleType":
    """Imports a file under its dotted name, its packages first, as `import` would."""
    parent, _, child = name.rpartition(".")
    if parent:
        importlib.import_module(parent)
    module = sys.modules.get(name)
    if module is not None and repository.module_file(module) == file:
        return module
    loader = importlib.machinery.SourceFileLoader(name, file)
    spec: Any = importlib.util.spec_from_file_location(name, file, loader=loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    if parent:
        setattr(sys.modules[parent], child, module)
    return sys.modules[name]
