"""What a load has seen and changed: the files that it is made from, if these are all.

The kernel tells what is opened below the sources, also by C code and by other processes. Python's
audit events tell the rest: processes, connections, and files outside. Nobody tells what a file's
size was asked for, so code that does so is refused.
"""

import ast
import ctypes
import os
import resource
import struct
import sys
import tempfile

from .import_statements import name_of, syntax_of
from .problems import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

    from .repository import Repository

# Of `sys/inotify.h`.
OPENED = 0x20
CHANGED = 0x2 | 0x4 | 0xC0 | 0x100 | 0x200 | 0x400 | 0x800
LOST = 0x2000 | 0x4000
IS_FOLDER = 0x40000000
EVENT = struct.Struct("iIII")
BUFFER = 1 << 20

PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}
PROCESSES |= {"os.fork", "os.forkpty", "pty.spawn"}
CONNECTIONS = {"connect", "bind", "sendto", "sendmsg"}
CONNECTIONS |= {"getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo"}
WRITING = {"chmod", "chown", "lchown", "link", "mkdir", "remove", "rename", "rmdir", "symlink"}
WRITING |= {"truncate", "utime", "setxattr", "removexattr"}
LISTING = {"os.listdir", "os.scandir"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What belongs to the machine or the image: no key of an image covers more of it.
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/proc", "/sys", "/dev")
# The size of a file is no part of what is opened.
SIZES = {"stat", "lstat", "fstat", "st_size", "st_blocks", "getsize", "disk_usage"}
IN_MEMORY = (":memory:", b":memory:", "", b"")
NATIVE = (".so", ".pyd", ".dll", ".dylib")


class Observation:
    """Begins when it is made. It can't end: an audit hook stays until its process ends."""

    def __init__(self, repository: "Repository", output: str) -> None:
        self.repository = repository
        self.why: List[str] = []
        """Why the load may have seen more than files of the sources."""
        self.changes: List[str] = []
        """What it has done that another load could see."""
        own = [output, os.environ.get("PREFECT_HOME", output), "/dev"]
        self.own = folders_of(own)
        prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
        packages = [path for path in sys.path if not repository.owns(os.path.join(path, ""))]
        self.known = folders_of([*prefixes, *packages, *SYSTEM, *own])
        self.top = folders_of([repository.prefix])
        named = [repository.prefix, *map(os.environ.get, ("HOME", "PREFECT_HOME"))]
        self.folders = [each for each in (str(n or "").rstrip("/") for n in named) if each]
        self._watched: Dict[int, str] = {}
        # It writes a file to find out, which is not the module's doing.
        tempfile.gettempdir()
        self._watch()
        self._children = children()
        add_hook: Any = sys.addaudithook  # type: ignore[attr-defined,unused-ignore]
        add_hook(self._hear)

    def seen(self) -> "Dict[str, Any]":
        """`files`, `why` and `changes`, as `src/python/protocol/protocol.ts` describes them."""
        files = self._opened()
        if children() != self._children:
            self._process("a process")
        for file in sorted(files):
            self.why += refusals(file, self.repository)
        return {
            "files": sorted(map(self.repository.relative, files)),
            "why": next(iter(self.why), None),
            "changes": next(iter(self.changes), None),
            "folders": self.folders,
        }

    def _watch(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._queue: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._queue < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        for folder, _, _ in os.walk(self.repository.prefix):
            path = os.fsencode(folder)
            number = libc.inotify_add_watch(self._queue, path, OPENED | CHANGED)
            if number < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", folder)
            self._watched[number] = folder

    def _opened(self) -> "Set[str]":
        """The files below the sources that were opened."""
        files = set()
        for number, mask, name in self._events():
            if mask & LOST:
                self.why.append("it opens too many files to tell")
                continue
            path = os.path.join(self._watched[number], name) if name else self._watched[number]
            if mask & CHANGED:
                self._change(f"it changes {self.repository.relative(path)}")
            if mask & OPENED and not mask & IS_FOLDER:
                files.add(os.path.normpath(path))
        return files

    def _events(self) -> "Iterator[Tuple[int, int, str]]":
        while True:
            try:
                content = os.read(self._queue, BUFFER)
            except BlockingIOError:
                return
            offset = 0
            while offset < len(content):
                number, mask, _, length = EVENT.unpack_from(content, offset)
                offset += EVENT.size
                name = content[offset : offset + length].rstrip(b"\0")
                offset += length
                yield number, mask, os.fsdecode(name)

    def _hear(self, event: str, arguments: "Tuple[Any, ...]") -> None:
        if event == "open":
            self._file(*arguments)
        elif event in LISTING:
            self._reads(arguments[0] if arguments[0] is not None else ".")
        elif event in PROCESSES:
            self._process(f"a process ({event})")
        elif event.startswith("socket.") and event[7:] in CONNECTIONS:
            self.why.append(f"it uses the network ({event})")
        elif event.startswith("os.") and event[3:] in WRITING:
            for path in arguments:
                self._writes(path)
        elif event == "sqlite3.connect" and arguments[0] not in IN_MEMORY:
            self._writes(arguments[0])

    def _file(self, path: "Any", mode: "Any", flags: "Any") -> None:
        is_open = isinstance(flags, int) and flags & WRITE_FLAGS
        if is_open or (isinstance(mode, str) and set(mode) & set("wax+")):
            self._writes(path)
        else:
            self._reads(path)

    def _writes(self, path: "Any") -> None:
        full = full_path(path)
        if full is not None and not (full + os.sep).startswith(self.own):
            self._change(f"it changes {self.repository.relative(full)}")

    def _reads(self, path: "Any") -> None:
        full = full_path(path)
        if full is None or (full + os.sep).startswith(self.top + self.known):
            return
        if os.path.lexists(full):
            self.why.append(f"it reads {full}, which is no source")

    def _process(self, what: str) -> None:
        self._change(f"it starts {what}")

    def _change(self, text: str) -> None:
        self.changes.append(text)
        self.why.append(text)


def begin_observation(repository: "Repository", output: str) -> "Callable[[], Dict[str, Any]]":
    """Observes from now on; the result gives what was seen."""
    try:
        return Observation(repository, output).seen
    # No audit hooks before Python 3.8; another system, or too many watches.
    except (AttributeError, OSError) as error:
        why = f"this machine does not tell what a load sees ({error_text(error)})"
        return lambda: {"files": [], "why": why, "changes": why, "folders": []}


def folders_of(paths: "List[str]") -> "Tuple[str, ...]":
    """Folders with a separator at their end, also with links resolved."""
    found = [path for path in paths if path]
    found += [os.path.realpath(path) for path in found]
    return tuple(dict.fromkeys(os.path.join(os.path.abspath(path), "") for path in found))


def full_path(path: "Any") -> "Optional[str]":
    """The absolute path that an event names; None for a descriptor."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    try:
        return os.path.realpath(os.fsdecode(path))
    except (OSError, ValueError):  # no file can have this name
        return None


def children() -> "Tuple[bool, Tuple[float, ...]]":
    """Whether this process has children, and what those that ended have used."""
    used = tuple(resource.getrusage(resource.RUSAGE_CHILDREN))
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False, used
    return True, used


def refusals(file: str, repository: "Repository") -> "List[str]":
    """Why more than the content of an opened file may matter."""
    shown = repository.relative(file)
    if file.endswith(NATIVE):
        return [f"{shown} is native code"]
    syntax = syntax_of(file) if file.endswith(".py") else None
    if syntax is None:
        return []
    nodes = syntax.of(ast.Name, ast.Attribute)
    lines = [(node.lineno, name_of(node)) for node in nodes if name_of(node) in SIZES]
    for node in syntax.of(ast.ImportFrom):
        lines += [(node.lineno, each.name) for each in node.names if each.name in SIZES]
    return [
        f"{shown}:{line}: {name} may tell the size of a file" for line, name in sorted(lines)[:1]
    ]
