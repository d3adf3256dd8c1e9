"""Answers to requests: the files of a result, in the folder that the request names."""

import base64
import importlib
import json
import os

from .protocol import result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional, Tuple

    from .protocol import Action, Request

ACTIONS = ("probe", "load", "check", "start", "run")
"""Each is a function in the module of its name."""
MAX_PRINTED_BYTES = 1 << 20
MAX_BYTES = 500_000_000
"""More is not read: the other side reads it as a whole."""

# Modules may replace functions of the standard library: the loader keeps its own.
as_json = json.JSONEncoder().encode
make_folders, replace_file = os.makedirs, os.replace


def answer(request: "Request") -> None:
    """Writes the files of a result to the request's folder, `result.json` last."""
    output = os.path.abspath(request["output"])
    result = result_of(request, imported_actions([request["action"]]))
    make_folders(output, exist_ok=True)
    file = f"{output}/result.json"
    with open(file + ".tmp", "w", encoding="utf-8") as stream:
        stream.write(as_json(result))
    replace_file(file + ".tmp", file)


def imported_actions(names: "Iterable[str]") -> "Dict[str, Action]":
    """The functions of actions; modules of other actions are not imported, to save time."""
    modules = {n: importlib.import_module(f".{n}", __package__) for n in names if n in ACTIONS}
    return {name: getattr(module, name) for name, module in modules.items()}


def encoded_files(folder: str) -> "Tuple[Optional[Dict[str, Any]], Optional[Dict[str, str]]]":
    """`(why they are refused, the files below a folder in base64 by their relative paths)`.

    The files are None if they are large.
    """
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    files = [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]
    size = sum(os.path.getsize(path) + len(path) for path in files)
    if size > MAX_BYTES:
        return {"reason": "size", "stack": ""}, None
    if size > MAX_PRINTED_BYTES:
        return None, None
    contents = {}
    for file in files:
        with open(file, "rb") as stream:
            path = os.path.relpath(file, folder).replace(os.sep, "/")
            contents[path] = encoded(stream.read())
    return None, contents


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
