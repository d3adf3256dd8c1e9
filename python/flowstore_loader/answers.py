"""Answers to requests: the files of a result, in the folder that the request names."""

import base64
import json
import os

from .check import check
from .interpreter import probe
from .load import load
from .protocol import result_of
from .run import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional

    from .protocol import Action, Request

ACTIONS: "Dict[str, Action]" = {"probe": probe, "load": load, "check": check, "run": run}
MAX_PRINTED_BYTES = 1 << 20


def answer(request: "Request") -> None:
    """Writes the files of a result to the request's folder, `result.json` last."""
    output = os.path.abspath(request["output"])
    result = result_of(request, ACTIONS)
    os.makedirs(output, exist_ok=True)
    file = os.path.join(output, "result.json")
    with open(file + ".tmp", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(file + ".tmp", file)


def encoded_files(folder: str) -> "Optional[Dict[str, str]]":
    """The files below a folder in base64, by their relative paths; None where they are large."""
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
