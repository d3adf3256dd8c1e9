"""What the interpreter at hand has, read without importing any of it."""

import contextlib
import os
import platform
import re
import stat
import sys


def installed_version(package):
    """Version of an installed distribution without importing it, or None."""
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # Python 3.6 and 3.7
        return scanned_version(package)
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def scanned_version(package):
    """As installed_version; pkg_resources, the other way there is, takes up to half a second."""
    name = re.compile(
        r"%s-([^-]+)(-py[0-9.]+)?\.(dist-info|egg-info|egg)$" % package, re.IGNORECASE
    )
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for entry in sorted(os.listdir(folder)):
                match = name.match(entry)
                if match:
                    return match.group(1)
        # An editable install: the folder of its sources is on the path.
        with contextlib.suppress(OSError):
            file = os.path.join(folder, package + ".egg-info", "PKG-INFO")
            with open(file, encoding="utf-8", errors="replace") as lines:
                return re.search(r"^Version: *(\S+)", lines.read(), re.MULTILINE).group(1)
    return None


def installed_packages():
    """Every installed distribution, by its normalized name (PEP 503), to its version."""
    name = re.compile(r"([^-]+)-([^-]+)(-py[0-9.]+)?\.(dist-info|egg-info|egg)$")
    found = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for match in filter(None, map(name.match, sorted(os.listdir(folder)))):
                found.setdefault(re.sub("[-_.]+", "-", match.group(1)).lower(), match.group(2))
    return found


def python_version():
    return "%d.%d.%d" % sys.version_info[:3]


def ways_to(folders):
    """Mode and owner of each folder on the way to a folder, links resolved; none to what can't be seen."""
    found = {}
    for folder in folders:
        way, at = [], os.path.realpath(folder)
        with contextlib.suppress(OSError):
            while at != os.path.dirname(at):
                facts = os.stat(at)
                owner = {"uid": facts.st_uid, "gid": facts.st_gid}
                way.insert(0, dict(owner, path=at, mode=stat.S_IMODE(facts.st_mode)))
                at = os.path.dirname(at)
            found[folder] = way
    return found


def probe(request):
    packages = ("prefect", "cloudpickle", "pip")
    versions = {package: installed_version(package) for package in packages}
    return {
        "executable": sys.executable,
        "versions": dict(versions, python=python_version()),
        "packages": installed_packages(),
        "machine": platform.machine(),
        "folders": ways_to(request["folders"]),
    }


def differences(expected):
    """What differs from the interpreter that is expected: `{what, expected, found}` each."""
    packages = installed_packages()
    found = dict(packages, python=python_version().rpartition(".")[0], machine=platform.machine())
    wanted = dict(expected["packages"], python=expected["python"], machine=expected["machine"])
    return [
        {"what": what, "expected": version, "found": found.get(what)}
        for what, version in sorted(wanted.items())
        if found.get(what) != version
    ]
