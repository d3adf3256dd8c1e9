"""Starts the loader, which comes over standard input: nothing of it lies where modules are loaded.

    python -c BOOT once|session TOKEN

A line has the number of bytes of a JSON object, which follows: `boot`, this text, and `modules`, the
sources of the package `flowstore_loader` by their names. What comes then are requests, one a line.

The standard library alone, Python 3.6 to 3.13. See `src/load/protocol.ts`.
"""

import sys

# No folder of anybody's; and nothing is left beside what is imported.
sys.path[:] = [folder for folder in sys.path if folder]
sys.dont_write_bytecode = True

import gc
import importlib.machinery
import json
import marshal
import os

PACKAGE = "flowstore_loader"


def delivered():
    """Standard input as far as the loader goes; unbuffered, so that the rest is there for it."""
    size, parts = b"", []
    while not size.endswith(b"\n"):
        size += os.read(0, 1) or b"\n"
    left = int(size)
    while left > 0:
        parts.append(os.read(0, left))
        if not parts[-1]:
            raise EOFError("standard input ended")
        left -= len(parts[-1])
    return b"".join(parts)


def compiled():
    """The loader's code by module, and the delivery, for a process that is to start as this one did."""
    content = delivered()
    modules = json.loads(content.decode("utf-8"))["modules"]
    codes = {name: compile(text, "<%s>" % name, "exec") for name, text in modules.items()}
    return codes, content


def compiled_beside():
    """As compiled(), by another process, while this one imports Prefect."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with os.fdopen(writer, "wb") as stream:
                marshal.dump(compiled(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    import_prefect()
    with os.fdopen(reader, "rb") as stream:
        result = marshal.load(stream)
    os.waitpid(child, 0)
    return result


def import_prefect():
    """Prefect makes many objects and no garbage. Why it can't be imported is said when it is needed."""
    gc.disable()
    try:
        import prefect  # noqa: F401
    except (Exception, SystemExit):
        pass
    # A collection looks at all of them, and in each process that is forked copies their memory.
    if hasattr(gc, "freeze"):
        gc.freeze()
    else:
        # Python 3.6: not before there are twice as many.
        young, *older = gc.get_threshold()
        gc.set_threshold(max(young, 2 * gc.get_count()[0]), *older)
    gc.enable()


class Modules:
    """Finds the loader's modules in their code."""

    def __init__(self, codes):
        self.codes = codes

    def find_spec(self, name, path=None, target=None):
        if name not in self.codes:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name == PACKAGE)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.codes[module.__name__], vars(module))


def start(arguments):
    # Other systems may have no fork, or one that a library does not survive.
    beside = arguments[0] == "session" and sys.platform == "linux"
    codes, content = compiled_beside() if beside else compiled()
    finder = Modules(codes)
    sys.meta_path.append(finder)
    from flowstore_loader.process import main

    sys.meta_path.remove(finder)
    main(arguments, content)


start(sys.argv[1:])
