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

OPCODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
STRINGS = {code for code, opcode in OPCODES.items() if "BINUNICODE" in opcode.name}
FRAME = next(code for code, opcode in OPCODES.items() if opcode.name == "FRAME")
# How many bytes the argument of an opcode has. If negative, these begin with its length, in so many
# bytes; or its argument is of one or two lines.
SIZES = {code: opcode.arg.n if opcode.arg else 0 for code, opcode in OPCODES.items()}
LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}
LINES = {code: 1 + ("pair" in o.arg.name) for code, o in OPCODES.items() if o.arg}
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
    if old.encode("utf-8", "surrogatepass") not in content:
        return content
    # Not within another path, nor before a longer name.
    pattern = re.compile(rf"(?<![\w./-]){re.escape(old)}(?![\w.-])")
    parts, end = [], 0
    for code, start, argument, stop in strings_and_frames(content):
        # A frame has its length, which may change. An unpickler needs no frames.
        new_opcode = b""
        if code != FRAME:
            text = content[argument:stop].decode("utf-8", "surrogatepass")
            moved = pattern.sub(new, text) if old in text else text
            if moved == text:
                continue
            new_opcode = string_opcode(moved)
        parts += [content[end:start], new_opcode]
        end = stop
    return b"".join([*parts, content[end:]])


def strings_and_frames(content: bytes) -> "Iterator[Tuple[int, int, int, int]]":
    """`(code, start, start of the argument, end)` of these opcodes of a pickle.

    pickletools.genops() also decodes what all others have, and takes several times as long.
    """
    start, size = 0, len(content)
    while start < size:
        code = content[start]
        argument = start + 1
        length = SIZES[code]
        if length >= 0:
            end = argument + length
        elif length in LENGTHS:
            argument += LENGTHS[length]
            end = argument + int.from_bytes(content[start + 1 : argument], "little")
        else:
            end = argument
            for _ in range(LINES[code]):
                end = content.index(b"\n", end) + 1
        if code in STRINGS or code == FRAME:
            yield code, start, argument, end
        start = end


def string_opcode(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded
