"""The installed packages of the interpreter, read without importing them."""

import contextlib
import os
import platform
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

METADATA_FOLDER = r"(-py[0-9.]+)?\.(dist-info|egg-info|egg)$"


def python_version() -> str:
    major, minor, patch = sys.version_info[:3]
    return f"{major}.{minor}.{patch}"


def installed_version(package: str) -> "Optional[str]":
    """The version of an installed distribution, or None."""
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # Python 3.6 and 3.7
        return scanned_version(package)
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def scanned_version(package: str) -> "Optional[str]":
    """As installed_version, without pkg_resources, which takes half a second to import."""
    pattern = re.compile(f"{package}-([^-]+){METADATA_FOLDER}", re.IGNORECASE)
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for entry in sorted(os.listdir(folder)):
                match = pattern.match(entry)
                if match:
                    return match.group(1)
        # An editable install: the folder of its sources is on the path.
        with contextlib.suppress(OSError):
            file = os.path.join(folder, package + ".egg-info", "PKG-INFO")
            with open(file, encoding="utf-8", errors="replace") as stream:
                match = re.search(r"^Version: *(\S+)", stream.read(), re.MULTILINE)
                return match.group(1) if match else None
    return None


def installed_packages() -> "Dict[str, str]":
    """The version of every installed distribution, by its normalized name (PEP 503)."""
    pattern = re.compile(f"([^-]+)-([^-]+){METADATA_FOLDER}")
    found: Dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for match in filter(None, map(pattern.match, sorted(os.listdir(folder)))):
                name = re.sub("[-_.]+", "-", match.group(1)).lower()
                found.setdefault(name, match.group(2))
    return found


def differences(expected: "Dict[str, Any]") -> "List[Dict[str, Any]]":
    """The differences from the expected interpreter, each `{what, expected, found}`."""
    found = dict(
        installed_packages(),
        python=python_version().rpartition(".")[0],
        machine=platform.machine(),
    )
    wanted = dict(expected["packages"], python=expected["python"], machine=expected["machine"])
    return [
        {"what": what, "expected": version, "found": found.get(what)}
        for what, version in sorted(wanted.items())
        if found.get(what) != version
    ]
