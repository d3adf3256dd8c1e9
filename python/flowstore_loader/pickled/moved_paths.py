"""Paths in pickles: those of the repository become those of its files in the image."""

import copyreg
import functools
import pathlib
import pickletools
import re
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, Tuple

STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
# Only modules with one of these words know where they are.
WORDS = re.compile(rb"__file__|cwd|abspath|realpath|resolve\(|absolute\(|getfile|getsourcefile")


@functools.lru_cache(maxsize=None)
def knows_its_path(file: str) -> bool:
    with open(file, "rb") as source:
        return WORDS.search(source.read()) is not None


def register_paths() -> None:
    """Pickles a path as one string: its class gives the parts."""
    for path_class in (pathlib.PurePosixPath, pathlib.PosixPath):
        copyreg.pickle(path_class, reduce_path)


def reduce_path(path: pathlib.PurePath) -> "Any":
    return type(path), (str(path),)


def with_moved_paths(content: bytes, files: "Iterable[str]", old: str, new: str) -> bytes:
    """A pickle whose strings name the folder `new` instead of `old`.

    `files` are the modules that made it: if none knows its path, neither does the pickle.
    """
    if not any(knows_its_path(file) for file in files):
        return content
    # Not within another path, nor before a longer name.
    pattern = re.compile(rf"(?<![\w./-]){re.escape(old)}(?![\w.-])")
    parts, end = [], 0
    for name, text, start, stop in opcodes(content):
        moved = pattern.sub(new, text) if name in STRINGS else text
        # A frame has its length, which may change. An unpickler needs no frames.
        if moved != text or name == "FRAME":
            parts += [content[end:start], b"" if name == "FRAME" else string_opcode(moved)]
            end = stop
    return b"".join([*parts, content[end:]])


def opcodes(content: bytes) -> "Iterator[Tuple[str, Any, int, int]]":
    """`(name, argument, start, end)` of each opcode of a pickle."""
    last = None
    for opcode, argument, start in pickletools.genops(content):
        if last:
            yield (*last, start or 0)
        last = (opcode.name, argument, start or 0)
    if last:
        yield (*last, len(content))


def string_opcode(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded
