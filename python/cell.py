"""Starts Python in a cell: namespaces of Linux in which flow modules reach little of the machine.

    python -I -S -c CELL SETTING... -- ARGUMENT...

The settings: `cwd=` the folder of the process, `write=` a folder below it that it may write to,
`temporary=` a folder to mount instead of those for temporary files, `hide=` a folder whose content
is not there, `show=` a file or folder in such a one that is, `empty=` a file that is empty, and
`network` keeps the network of the machine. If the kernel or a rule of the machine does not allow
it, Python starts without a cell. The first line of standard output says which it was.

Standard library only, Python 3.6 to 3.14. It imports little, since it runs before each
load.
"""

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, NoReturn, Optional, Tuple

    Settings = Dict[str, List[str]]

NEW_NAMESPACES = 0x00020000 | 0x08000000 | 0x10000000 | 0x20000000  # mount, IPC, user, PID
NEW_NETWORK = 0x40000000
SIGCHLD, SIGKILL = 17, 9
CLONE = {"x86_64": 56, "aarch64": 220}
READ_ONLY, NO_SUID, NO_DEV, NO_EXEC, REMOUNT = 1, 2, 4, 8, 32
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
FLAGS = {
    "nosuid": NO_SUID,
    "nodev": NO_DEV,
    "noexec": NO_EXEC,
    "noatime": 1024,
    "nodiratime": 2048,
    "relatime": 1 << 21,
}
SET_DEATH_SIGNAL, DROP_CAPABILITY, NO_NEW_PRIVILEGES = 1, 24, 38
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
UP = b"lo".ljust(16, b"\0") + b"\x49\0".ljust(24, b"\0")
SET_INTERFACE_FLAGS = 0x8914

libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: "List[str]") -> "NoReturn":
    end = arguments.index("--")
    settings: Settings = {}
    for argument in arguments[:end]:
        name, _, value = argument.partition("=")
        settings.setdefault(name, []).append(value)
    command = [sys.executable, *arguments[end + 1 :]]
    cell = in_cell(settings, command)
    if cell is not None:
        _, status = os.waitpid(cell, 0)
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    begin(command, "")


def begin(command: "List[str]", held: str) -> "NoReturn":
    os.write(1, f"\x1ecell {held}\n".encode())
    os.execv(command[0], command)


def in_cell(settings: "Settings", command: "List[str]") -> "Optional[int]":
    """The process in a cell, as this process knows it; None if there can be none."""
    number = CLONE.get(os.uname().machine)
    if number is None:
        return None
    has_network = "network" in settings
    flags = NEW_NAMESPACES | (0 if has_network else NEW_NETWORK)
    user, group = os.geteuid(), os.getegid()
    reader, writer = os.pipe()
    cell = libc.syscall(number, flags | SIGCHLD, 0, 0, 0, 0)
    if cell == 0:
        try:
            # The end of the process that waits for it.
            libc.prctl(SET_DEATH_SIGNAL, SIGKILL, 0, 0, 0)
            map_user(user, group)
            seal_files(settings)
            if not has_network:
                start_loopback()
            drop_capabilities()
            os.chdir(settings["cwd"][0])
            begin(command, "files,processes" + ("" if has_network else ",network"))
        except BaseException as error:
            os.write(writer, str(error).encode() or b"failed")
            os._exit(1)
    os.close(writer)
    failure = os.read(reader, 200)
    os.close(reader)
    if cell > 0 and failure:
        os.waitpid(cell, 0)
    return cell if cell > 0 and not failure else None


def map_user(user: int, group: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        write(f"/proc/self/{name}", text)


def write(file: str, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    texts = [os.fsencode(text) or None for text in (source, target, kind)]
    if libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def bind(source: str, target: str) -> None:
    mount(source, target, "", BIND | RECURSIVE)


def seal_files(settings: "Settings") -> None:
    mount("", "/", "", RECURSIVE | PRIVATE)
    cwd, temporary = settings["cwd"][0], settings["temporary"][0]
    writable = [os.path.join(cwd, name) for name in settings["write"]]
    shown = outermost([*settings.get("show", []), cwd, *own_folders()])
    temporaries = outermost(["/tmp", "/var/tmp", os.environ.get("TMPDIR", "/tmp")])
    # A home folder that is the repository itself can't be hidden.
    homes = [path for path in settings.get("hide", []) if os.path.realpath(path) not in shown]
    hidden = outermost([*homes, "/home", "/root", "/run"])
    covered = [*hidden, *temporaries]
    shown = [path for path in shown if is_below(path, covered)]
    # They stay open, since what is mounted hides them.
    files = {path: os.open(path, os.O_PATH) for path in [*shown, temporary, "/dev/null"]}
    for folder in hidden:
        mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEV, "mode=755,size=1m")
    for folder in temporaries:
        os.makedirs(folder, exist_ok=True)
        bind(f"/proc/self/fd/{files[temporary]}", folder)
    for path in shown:
        show(path, f"/proc/self/fd/{files[path]}")
    for path in settings.get("empty", []):
        if os.path.isfile(path):
            bind(f"/proc/self/fd/{files['/dev/null']}", path)
    for path in writable:
        bind(path, path)
    make_devices()
    writable += [*temporaries, "/dev/shm"]
    for target, options in mounts():
        if target not in writable and os.path.lexists(target):
            flags = sum(flag for name, flag in FLAGS.items() if name in options)
            mount("", target, "", REMOUNT | BIND | READ_ONLY | flags)
    mount_processes()


def mount_processes() -> None:
    """Mounts the processes of the cell; root could change the kernel's settings there."""
    mount("proc", "/proc", "proc", NO_SUID | NO_DEV | NO_EXEC)
    for path in ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"):
        if os.path.exists(path):
            bind(path, path)
            flags = NO_SUID | NO_DEV | NO_EXEC
            mount("", path, "", REMOUNT | BIND | READ_ONLY | flags)


def outermost(paths: "List[str]") -> "List[str]":
    """Existing paths with links resolved, without those in others."""
    real = sorted({os.path.realpath(path) for path in paths if os.path.exists(path)} - {"/"})
    return [path for path in real if not is_below(path, [p for p in real if p != path])]


def is_below(path: str, folders: "List[str]") -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def show(path: str, source: str) -> None:
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    bind(source, path)


def own_folders() -> "List[str]":
    """The folders of this Python, its libraries and its packages."""
    program = os.path.realpath(sys.executable)
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    prefixes += [os.path.dirname(os.path.dirname(path)) for path in (sys.executable, program)]
    prefixes = [path for path in prefixes if path not in ("", "/")]
    found = [*prefixes, *sys.path]
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            _, slash, path = line.rstrip("\n").partition("/")
            if slash:
                found.append("/" + path)
    version = "python{}.{}".format(*sys.version_info[:2])
    for prefix in prefixes:
        found += named_in(os.path.join(prefix, "lib", version, "site-packages"))
    return found


def named_in(folder: str) -> "List[str]":
    """What packages that are installed in place name: absolute paths in their files."""
    found: List[str] = []
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if name.endswith((".pth", ".egg-link")) or name.startswith("__editable__"):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
            for line in text.replace('"', "\n").replace("'", "\n").split("\n"):
                if line.startswith("/") and line.strip("/ ") and os.path.exists(line):
                    found.append(line)
    return found


def make_devices() -> None:
    names = [name for name in DEVICES if os.path.exists("/dev/" + name)]
    files = {name: os.open("/dev/" + name, os.O_PATH) for name in names}
    mount("tmpfs", "/dev", "tmpfs", NO_SUID, "mode=755,size=1m")
    for name, descriptor in files.items():
        show("/dev/" + name, f"/proc/self/fd/{descriptor}")
    os.mkdir("/dev/shm")
    mount("tmpfs", "/dev/shm", "tmpfs", NO_SUID | NO_DEV, "mode=1777")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", "/dev/" + name)
    os.symlink("/proc/self/fd", "/dev/fd")


def mounts() -> "List[Tuple[str, List[str]]]":
    """`(folder, options)` of each mount."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields = line.split(" ")
            path = fields[4]
            for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
                path = path.replace(code, char)
            found.append((path, fields[5].split(",")))
    return found


def start_loopback() -> None:
    socket = libc.socket(2, 2, 0)
    libc.ioctl(socket, ctypes.c_ulong(SET_INTERFACE_FLAGS), UP)
    os.close(socket)


def drop_capabilities() -> None:
    number = 0
    while number < 64 and libc.prctl(DROP_CAPABILITY, number, 0, 0, 0) == 0:
        number += 1
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


main(sys.argv[1:])
