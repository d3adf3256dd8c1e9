"""Builds the wheel of a project of the repository by its build backend (PEP 517).

    python -c BUILD_WHEEL MODE BACKEND FOLDER OUTPUT [BACKEND_PATH...]

With the mode `ask`, a backend that needs further packages builds nothing: they are written to
`requires.json` in the output folder. With the mode `build`, it has them. Standard library only.
"""

import importlib
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List


def main(arguments: "List[str]") -> None:
    mode, backend, folder, output, *paths = arguments
    os.chdir(folder)
    sys.path[:0] = [os.path.abspath(path) for path in paths]
    hooks = hooks_of(backend)
    if mode == "ask":
        ask = getattr(hooks, "get_requires_for_build_wheel", None)
        needed: List[str] = ask({}) if ask else []
        if needed:
            with open(os.path.join(output, "requires.json"), "w", encoding="utf-8") as file:
                json.dump(needed, file)
            return
    hooks.build_wheel(output, {})


def hooks_of(backend: str) -> "Any":
    module, _, attributes = backend.partition(":")
    hooks: Any = importlib.import_module(module)
    for name in filter(None, attributes.split(".")):
        hooks = getattr(hooks, name)
    return hooks


main(sys.argv[1:])
