"""What to do about the exception of a module that can't be imported, for any generation."""

import os
import re
import socket
import traceback

from .module_names import prefixes, top_level
from .network import has_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional

    from .generation import Generation
    from .groups import Group
    from .imports import Imports
    from .repository import Repository

IN_A_TASK = "Move it into a task, which runs when the flow runs"
# Errors of libraries that talk to something else, by the package of their class.
CLIENTS = {
    "aiohttp",
    "asyncpg",
    "azure.core",
    "azure.identity",
    "botocore",
    "cx_Oracle",
    "elasticsearch",
    "ftplib",
    "google.api_core",
    "google.auth",
    "httpx",
    "kafka",
    "mysql",
    "oracledb",
    "paramiko",
    "psycopg",
    "psycopg2",
    "pymongo",
    "pymssql",
    "pymysql",
    "pyodbc",
    "redis",
    "requests",
    "smtplib",
    "snowflake",
    "urllib",
    "urllib3",
}
CONNECTION_ERRORS = (ConnectionError, socket.gaierror, socket.timeout)
DATABASE_ERRORS = {"OperationalError", "InterfaceError", "DatabaseError"}
VARIABLE_WORDS = ("environment variable", "envvar", "env var")
# A read of a variable that gives None if it is not set.
READ_VARIABLE = re.compile(r"""\b(?:getenv|environ\.get)\(\s*["'](\w+)["'](?:\s*,\s*None)?\s*\)""")
MAX_FILES = 3
SKIPPED_FOLDERS = {"node_modules", "__pycache__"}


def import_hint(
    error: BaseException, file: str, imports: "Imports", group: "Group", generation: "Generation"
) -> "Optional[str]":
    """The hint for the exception, which the user's `file` raised; None if there is none."""
    repository = imports.repository
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = repository_module_hint(error.name, imports, group)
        return hint or generation.import_hint(error, file)
    return (
        variable_hint(error)
        or generation.import_hint(error, file)
        or unset_variables_hint(error, file, repository)
        or network_hint(error)
        or file_hint(error, file, repository)
    )


def variable_hint(error: BaseException) -> "Optional[str]":
    """The hint for a variable of the environment that is not set."""
    shown = None
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, KeyError) and frames and frames[-1].f_locals.get("self") is os.environ:
        shown = f"The variable `{error.args[0]}`"
    elif missing_settings(error):
        shown = f"A variable of the settings ({', '.join(missing_settings(error))})"
    elif any(word in str(error).lower() for word in VARIABLE_WORDS):
        shown = "A variable that the module needs"
    return None if shown is None else set_variables(f"{shown} is", "it")


def set_variables(what: str, them: str) -> str:
    return (
        f"{what} not set while flows are loaded. Set {them} for the load alone with "
        f"`load-env-vars`, or for the image too with `env-vars`, or read {them} inside a task."
    )


def unset_variables_hint(
    error: BaseException, file: str, repository: "Repository"
) -> "Optional[str]":
    """The hint for a None that the module got for variables that are not set."""
    if not isinstance(error, (AttributeError, TypeError)) or "NoneType" not in str(error):
        return None
    try:
        with open(repository.path(file), encoding="utf-8") as module:
            names = dict.fromkeys(READ_VARIABLE.findall(module.read()))
    except (OSError, ValueError):
        return None
    unset = [f"`{name}`" for name in names if name not in os.environ]
    if len(unset) == 1:
        return set_variables(f"The variable {unset[0]} is", "it")
    return set_variables(f"The variables {', '.join(unset)} are", "them") if unset else None


def missing_settings(error: BaseException) -> "List[str]":
    """The fields without a value of pydantic's settings, which are read from variables."""
    packages = {
        frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    is_of_settings = {"pydantic_settings.main", "pydantic.env_settings"} & packages
    if type(error).__name__ != "ValidationError" or not is_of_settings:
        return []
    fields: Any = getattr(error, "errors", list)()
    return [".".join(map(str, field["loc"])) for field in fields if "missing" in field["type"]]


def network_hint(error: BaseException) -> "Optional[str]":
    """The hint for a call of a database, an API or another service."""
    if not any(is_of_network(each) for each in causes_of(error)):
        return None
    if has_network():
        return f"The module calls a service while it is imported. {IN_A_TASK}."
    return f"There is no network while flows are loaded. {IN_A_TASK}, or set `load-in: runner`."


def causes_of(error: "Optional[BaseException]") -> "Iterator[BaseException]":
    seen: List[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def is_of_network(error: BaseException) -> bool:
    kind = type(error)
    packages = prefixes(kind.__module__)
    is_database = packages[0] in ("sqlalchemy", "django") and kind.__name__ in DATABASE_ERRORS
    return isinstance(error, CONNECTION_ERRORS) or is_database or not CLIENTS.isdisjoint(packages)


def file_hint(error: BaseException, file: str, repository: "Repository") -> "Optional[str]":
    """The hint for a file that can't be opened because the path is of another folder."""
    if not isinstance(error, FileNotFoundError) or not isinstance(error.filename, str):
        return None
    where = "A relative path starts at the root of the repository while flows are loaded."
    if os.path.isabs(error.filename):
        where = "An absolute path of one machine is not there on another."
    found = files_like(error.filename, repository)
    if not found:
        return f"{where} The repository has no file `{os.path.basename(error.filename)}`."
    path = os.path.relpath(repository.path(found[0]), os.path.dirname(repository.path(file)))
    names = ", ".join(f"`{name}`" for name in found)
    return (
        f"{where} The repository has {names}: open it by its path from the module, "
        f'`Path(__file__).parent / "{path.replace(os.sep, "/")}"`.'
    )


def files_like(path: str, repository: "Repository") -> "List[str]":
    """Files of the repository with the name of a path, those with the most equal folders first."""
    wanted = path.replace(os.sep, "/").split("/")[::-1]

    def equal_parts(found: str) -> int:
        pairs = list(zip(wanted, found.split("/")[::-1]))
        return next((i for i, (one, other) in enumerate(pairs) if one != other), len(pairs))

    found = [file for file in repository_files(repository) if equal_parts(file) > 0]
    return sorted(found, key=lambda file: (-equal_parts(file), len(file), file))[:MAX_FILES]


def repository_module_hint(name: str, imports: "Imports", group: "Group") -> "Optional[str]":
    """The hint for a missing module that another folder of the repository has."""
    repository = imports.repository
    hiding = imports.resolve(top_level(name), group.roots)
    for wanted in [name] if hiding else dict.fromkeys([name, top_level(name)]):
        folders = folders_with(wanted, repository)
        if folders and not any(repository.path(folder) in group.roots for folder in folders):
            if hiding:
                return (
                    f"`{repository.relative(hiding)}` is imported as `{top_level(name)}`, and "
                    f"hides the one in the folder `{folders[0]}`: rename one of the two."
                )
            others = f" (also in {', '.join(f'`{f}`' for f in folders[1:])})" if folders[1:] else ""
            return (
                f"The repository has the module `{wanted}` in the folder `{folders[0]}`{others}: "
                f"set `python-path: {folders[0]}`."
            )
    return None


def folders_with(module: str, repository: "Repository") -> "List[str]":
    """Folders of the repository that have a module when they are on `sys.path`, shortest first."""
    path = module.replace(".", "/")
    ends = (f"/{path}.py", f"/{path}/__init__.py")
    found = set()
    for file in repository_files(repository):
        rooted = "/" + file
        folder = next((rooted[: -len(end)] for end in ends if rooted.endswith(end)), None)
        if folder is None and rooted.endswith(".py") and f"/{path}/" in rooted:
            # A package without `__init__.py`.
            folder = rooted[: rooted.index(f"/{path}/")]
        if folder is not None:
            found.add(folder[1:] or ".")
    return sorted(found, key=lambda folder: (folder.count("/"), folder))[:MAX_FILES]


def repository_files(repository: "Repository") -> "Iterator[str]":
    """The paths of all files, without hidden folders and environments."""
    for parent, folders, names in os.walk(repository.root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED_FOLDERS
            and repository.owns(os.path.join(parent, name, ""))
            and not os.path.exists(os.path.join(parent, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            yield repository.relative(os.path.join(parent, name))
