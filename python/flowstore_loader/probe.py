"""The action `probe`: lists what an interpreter has; imports neither Prefect nor any module."""

import contextlib
import os
import platform
import stat
import sys

from .interpreter import installed_packages, installed_version, python_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

    from .protocol import Request, Result


def probe(request: "Request") -> "Result":
    versions = {name: installed_version(name) for name in ("prefect", "cloudpickle", "pip")}
    return {
        "executable": sys.executable,
        "versions": dict(versions, python=python_version()),
        "packages": installed_packages(),
        "machine": platform.machine(),
        "libc": c_library(),
        "site": package_folders(),
        "folders": folder_chains(request["folders"]),
    }


def c_library() -> str:
    """`glibc 2.36` or `musl`; empty for another system than Linux."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return "musl" if sys.platform == "linux" else ""


def package_folders() -> "List[str]":
    """The folders that packages are imported from, without links, in the order of the search."""
    library = os.path.realpath(os.path.dirname(os.__file__))
    besides = [library, os.path.join(library, "lib-dynload"), os.path.realpath(os.getcwd())]
    besides += map(os.path.realpath, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    folders = [os.path.realpath(folder) for folder in sys.path if os.path.isdir(folder)]
    return [folder for folder in dict.fromkeys(folders) if folder not in besides]


def folder_chains(folders: "List[str]") -> "Dict[str, List[Dict[str, Any]]]":
    """Mode and owner of each folder and of its parents, from the root down, links resolved.

    Folders that can't be seen are left out.
    """
    found = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            found[folder] = folder_chain(folder)
    return found


def folder_chain(folder: str) -> "List[Dict[str, Any]]":
    chain: List[Dict[str, Any]] = []
    path = os.path.realpath(folder)
    while path != os.path.dirname(path):
        status = os.stat(path)
        mode = stat.S_IMODE(status.st_mode)
        chain.insert(0, {"path": path, "mode": mode, "uid": status.st_uid, "gid": status.st_gid})
        path = os.path.dirname(path)
    return chain
