"""Starts the loader, which is sent over standard input, so modules don't see its files.

    python -c BOOT once|session TOKEN

The first line is the length in bytes of the JSON object that follows. The object has `boot`, this
text, and `modules`, the sources of the package `flowstore_loader` by their dotted names. The
requests follow, one per line.

Standard library only, Python 3.6 to 3.14. See `src/python/protocol/protocol.ts`.
"""

import sys

# The loader's modules never come from the user's folders, and no bytecode is written.
sys.path[:] = [folder for folder in sys.path if folder]
sys.dont_write_bytecode = True

import builtins
import contextlib
import gc
import importlib.machinery
import json
import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any, Dict, List, Tuple, Union

    Codes = Dict[str, Union[str, types.CodeType]]


def read_delivery() -> bytes:
    """Reads the loader from standard input, unbuffered: the requests are left for the loader."""
    header = b""
    while not header.endswith(b"\n"):
        header += os.read(0, 1) or b"\n"
    parts, left = [], int(header)
    while left > 0:
        parts.append(os.read(0, left))
        if not parts[-1]:
            raise EOFError("standard input ended")
        left -= len(parts[-1])
    return b"".join(parts)


def sources(delivery: bytes) -> "Codes":
    """The text of the loader's modules, by name."""
    return json.loads(delivery.decode("utf-8"))["modules"]


def compiled_beside_prefect() -> "Tuple[Codes, bytes]":
    """`(code, delivery)`; a child process compiles the code while this one imports Prefect."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            delivery = read_delivery()
            codes = {name: compiled(name, text) for name, text in sources(delivery).items()}
            with os.fdopen(writer, "wb") as stream:
                marshal.dump((codes, delivery), stream)
        finally:
            os._exit(0)
    os.close(writer)
    import_prefect()
    with os.fdopen(reader, "rb") as stream:
        result = marshal.load(stream)
    os.waitpid(child, 0)
    return result


def compiled(name: str, code: "Union[str, types.CodeType]") -> "types.CodeType":
    return compile(code, f"<{name}>", "exec") if isinstance(code, str) else code


def keep_from_servers() -> None:
    """Sets what Prefect 2 and 3 read when they are imported: a load reaches and starts no server.

    Prefect 1 reads none of it.
    """
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE"):
        os.environ.pop(name, None)
    # 3.0.0 to 3.0.10 read the first, later releases both, the second one before the first.
    os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"
    os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    # Prefect makes the folder; `process.py` removes it. Nobody else can know its name before.
    name = f"prefect-{os.getpid()}-{os.urandom(8).hex()}"
    os.environ["PREFECT_HOME"] = os.path.join(os.environ.get("TMPDIR", "/tmp"), name)
    os.environ["DO_NOT_TRACK"] = "1"


def import_prefect() -> None:
    """Imports Prefect without garbage collection: it creates many objects, but no garbage.

    If the import fails, the request that needs Prefect reports why.
    """
    gc.disable()
    with contextlib.suppress(Exception, SystemExit):
        import prefect

        # Prefect 3.0 to 3.2 import the rest when it is used, and Prefect 1 has no such module.
        import prefect.flows  # noqa: F401
    # A collection would visit all these objects, and copy their memory in each forked process.
    if hasattr(gc, "freeze"):
        gc.freeze()
    else:
        # Python 3.6: no collection before there are twice as many.
        young, *older = gc.get_threshold()
        gc.set_threshold(max(young, 2 * gc.get_count()[0]), *older)
    gc.enable()


class LoaderFinder:
    """Finds the loader's modules in code objects, or in sources that are compiled on import."""

    def __init__(self, codes: "Codes") -> None:
        self.codes = codes
        # The user's modules may replace `open` and others for themselves.
        self.builtins = dict(vars(builtins))
        self.packages = {name.rpartition(".")[0] for name in codes}

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if name not in self.codes:
            return None
        is_package = name in self.packages
        return importlib.machinery.ModuleSpec(name, self, is_package=is_package)  # type: ignore

    def create_module(self, spec: "Any") -> None:
        return None

    def exec_module(self, module: "types.ModuleType") -> None:
        name = module.__name__
        vars(module)["__builtins__"] = self.builtins
        exec(compiled(name, self.codes[name]), vars(module))


def start(arguments: "List[str]") -> None:
    # Other systems may have no fork, or libraries that don't survive one.
    can_fork = arguments[0] == "session" and sys.platform == "linux"
    if can_fork:
        keep_from_servers()
        codes, delivery = compiled_beside_prefect()
    else:
        delivery = read_delivery()
        codes = sources(delivery)
    # The finder stays: a generation's package is imported when Prefect's version is known.
    sys.meta_path.append(LoaderFinder(codes))
    from flowstore_loader.main import main

    main(arguments, delivery, keep_from_servers)


start(sys.argv[1:])
