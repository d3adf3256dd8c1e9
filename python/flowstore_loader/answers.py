"""Answers to requests: the files of a result, in the folder that the request names."""

import base64
import importlib
import json
import os

from .protocol import result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterable, Optional

    from .protocol import Action, Request

ACTIONS = ("probe", "load", "check", "run")
"""Each is a function in the module of its name."""
MAX_PRINTED_BYTES = 1 << 20


def answer(request: "Request") -> None:
    """Writes the files of a result to the request's folder, `result.json` last."""
    output = os.path.abspath(request["output"])
    result = result_of(request, imported_actions([request["action"]]))
    os.makedirs(output, exist_ok=True)
    file = os.path.join(output, "result.json")
    with open(file + ".tmp", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(file + ".tmp", file)


def imported_actions(names: "Iterable[str]") -> "Dict[str, Action]":
    """The functions of actions; modules of other actions are not imported, to save time."""
    modules = {n: importlib.import_module(f".{n}", __package__) for n in names if n in ACTIONS}
    return {name: getattr(module, name) for name, module in modules.items()}


def encoded_files(folder: str) -> "Optional[Dict[str, str]]":
    """The files below a folder in base64, by their relative paths; None if they are large."""
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    files = [path for path in paths if os.path.isfile(path)]
    if sum(map(os.path.getsize, files)) > MAX_PRINTED_BYTES:
        return None
    contents = {}
    for file in files:
        with open(file, "rb") as stream:
            path = os.path.relpath(file, folder).replace(os.sep, "/")
            contents[path] = encoded(stream.read())
    return contents


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
