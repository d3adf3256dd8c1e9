"""Dotted names of modules, and the files that Python finds by them."""

import importlib.machinery
import keyword
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Tuple

SUFFIXES = importlib.machinery.all_suffixes()


def prefixes(name: str) -> "List[str]":
    """A dotted name's packages, and the name itself."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def top_level(name: str) -> str:
    return name.partition(".")[0]


def is_plain_name(part: str) -> bool:
    """Whether an import statement can name a module or a package so."""
    return part.isidentifier() and not keyword.iskeyword(part)


def is_package_folder(folder: str) -> bool:
    """Whether a folder is a package. In a dotted name, a `.` would end the name of the folder."""
    is_importable = "." not in os.path.basename(folder)
    return is_importable and os.path.isfile(os.path.join(folder, "__init__.py"))


def shipped_path(name: str, file: str) -> str:
    """Where a module's file must be below an entry of `sys.path` to be imported by its name."""
    stem, _, suffix = os.path.basename(file).partition(".")
    is_package = stem == "__init__" and name.rpartition(".")[2] != "__init__"
    folder = name.replace(".", "/")
    return f"{folder}/__init__.{suffix}" if is_package else f"{folder}.{suffix}"


def find_module(name: str, roots: "Iterable[str]") -> "Tuple[Optional[str], List[str]]":
    """`(file, folders of its submodules)` that Python's path finder would find.

    A namespace package has no file; an absent module has neither.
    """
    file, folders = None, list(roots)
    for part in name.split("."):
        file, folders = find_part(part, folders)
    return file, folders


def find_part(part: str, folders: "List[str]") -> "Tuple[Optional[str], List[str]]":
    portions = []
    for folder in folders:
        base = os.path.join(folder, part)
        package = existing_module(os.path.join(base, "__init__"))
        if package:
            return package, [base]
        module = existing_module(base)
        if module:
            return module, []
        if os.path.isdir(base):
            portions.append(base)
    return None, portions


def existing_module(base: str) -> "Optional[str]":
    return next((base + suffix for suffix in SUFFIXES if os.path.isfile(base + suffix)), None)
