"""Which files of a container are no longer those of its image."""

import contextlib
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Set, Tuple

TIME_LIMIT = 0.5
ENOUGH = 5
# The clock of filesystems is up to some milliseconds behind.
CLOCK_LAG = 0.02
# The container engine adds these to the files of the image.
ADDED_BY_ENGINE = ["/proc", "/sys", "/dev", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]


def changed_files(since: float, created: float, ignored: "List[str]") -> "Optional[List[str]]":
    """Some files that changed since a time, or None if the search takes too long.

    Only the kernel sets the time of a file's last change of status. On an overlay filesystem a
    changed file is copied, with its folders, to a layer that is as old as the container, which was
    `created` then: below an older folder nothing has changed.
    """
    since, created = since - CLOCK_LAG, created - CLOCK_LAG
    end = time.process_time() + TIME_LIMIT
    skipped = {*ADDED_BY_ENGINE, *ignored}
    device = os.stat("/").st_dev if is_overlay() else None
    found: List[str] = []
    folders = ["/"]
    while folders and len(found) < ENOUGH:
        if time.process_time() > end:
            return None
        for path, is_folder, status in entries_of(folders.pop(), skipped):
            if status.st_ctime > since:
                found.append(path)
            if is_folder and (status.st_dev != device or status.st_ctime > created):
                folders.append(path)
    return found


def entries_of(folder: str, skipped: "Set[str]") -> "List[Tuple[str, bool, os.stat_result]]":
    """`(path, is a folder, status)` of the entries of a folder, as far as they can be read."""
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.path not in skipped:
                status = entry.stat(follow_symlinks=False)
                found.append((entry.path, entry.is_dir(follow_symlinks=False), status))
    return found


def is_overlay() -> bool:
    """Whether the root of this container is an overlay filesystem of the kernel."""
    with contextlib.suppress(OSError), open("/proc/self/mounts", "rb") as mounts:
        fields = [line.split() for line in mounts]
        types = [kind for _, target, kind, *_ in fields if target == b"/"]
        return types[-1:] == [b"overlay"]
    return False
