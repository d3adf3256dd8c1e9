"""Compiles modules in the folder of an image that is not finished yet.

    python compile_packages.py ROOT < FILES

ROOT stands for the root folder of the image. FILES has one path in the image per line. The
bytecode names the paths of the image, and is valid while the times and sizes of the sources stay
as they are. A file that does not compile is left out, as pip does.

Standard library only, Python 3.8 to 3.14.
"""

import os
import py_compile
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import List

BATCH = 64


def compile_all(root: str, paths: "List[str]") -> None:
    """Compiles some files."""
    for path in paths:
        try:
            py_compile.compile(
                root + path,
                dfile=path,
                doraise=True,
                quiet=2,
                invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP,
            )
        except (py_compile.PyCompileError, ValueError, RecursionError):
            continue


def main() -> None:
    """Compiles the files of the command line, on every processor."""
    root = sys.argv[1]
    paths = sys.stdin.read().splitlines()
    batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    if len(batches) < 2:
        compile_all(root, paths)
        return
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for _ in pool.map(compile_all, [root] * len(batches), batches):
            pass


if __name__ == "__main__":
    main()
