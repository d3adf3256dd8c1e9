"""Problems in the user's modules, as results report them."""

import os
import re
import traceback

from .relative_imports import relative_import_hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

    from .repository import Repository

    Problem = Dict[str, Any]

MAX_FRAMES = 30
MAX_MODULES = 5


def problem(
    code: str,
    message: str,
    file: "Optional[str]" = None,
    line: "Optional[int]" = None,
    detail: "Optional[str]" = None,
    hint: "Optional[str]" = None,
) -> "Problem":
    line = line if isinstance(line, int) and line > 0 else None
    return {
        "code": code,
        "message": message,
        "file": file,
        "line": line,
        "detail": detail,
        "hint": hint,
        "absent": [],
    }


def error_text(error: BaseException) -> str:
    """`Class: message`."""
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:  # the user's code
        text = ""
    return f"{name}: {text}" if text else name


def printable(error: BaseException) -> BaseException:
    """The error; another with its traceback if its text, which is the user's code, can't be had."""
    try:
        str(error)
    except BaseException:
        text = f"{type(error).__name__} has no text"
        return RuntimeError(text).with_traceback(error.__traceback__)
    return error


def traceback_text(error: BaseException, frames: "List[traceback.FrameSummary]") -> str:
    lines = ["Traceback (most recent call last):\n"] if frames else []
    lines += traceback.format_list(frames[-MAX_FRAMES:])
    lines += traceback.format_exception_only(type(error), error)
    return "".join(lines).rstrip()


def frames_outside_loader(error: BaseException) -> "List[traceback.FrameSummary]":
    """The traceback's frames without those of the loader itself."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if not frame.filename.startswith("<flowstore_loader")]


def user_frames(error: BaseException, repository: "Repository") -> "List[traceback.FrameSummary]":
    """The traceback's frames in the user's files, with paths relative to the root."""
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = repository.path(frame.filename)
        if repository.owns(path):
            file = repository.relative(path)
            frames.append(traceback.FrameSummary(file, frame.lineno, frame.name, line=frame.line))
    return frames


def import_problem(
    error: BaseException,
    file: str,
    repository: "Repository",
    is_known: "Callable[[str], bool]",
    roots: "Iterable[str]",
    special_hint: "Callable[[BaseException, str], Optional[str]]",
) -> "Problem":
    """The problem of a flow module whose import raised an exception.

    `is_known(name)` tells whether the repository has a module of that name; `roots` are its folders
    on `sys.path`. `special_hint(error, file)` comes before the hints for packages; `file` is the
    user's file that raised the exception.
    """
    frames = user_frames(error, repository)
    detail = repository.shorten(traceback_text(error, frames))
    message = repository.shorten(error_text(error))
    if isinstance(error, SyntaxError) and error.filename:
        path = repository.path(error.filename)
        if repository.owns(path):
            broken = repository.relative(path)
            return problem("MODULE_SYNTAX", message, broken, error.lineno, detail)
    line = hint = None
    if frames:
        file, line = frames[-1].filename, frames[-1].lineno
        text = frames[-1].line or ""
        hint = relative_import_hint(error, repository.path(file), text, roots, repository)
    hint = hint or special_hint(error, file) or import_hint(error, is_known)
    return problem("MODULE_IMPORT", message, file, line, detail, hint)


def absent_paths(
    error: "Optional[BaseException]", repository: "Repository", roots: "Iterable[str]"
) -> "List[str]":
    """Where the file or the module would be that an import missed, relative to the root."""
    paths: List[str] = []
    seen: List[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        if isinstance(error, OSError):
            names = [error.filename, error.filename2]
            paths += [os.path.join(repository.root, n) for n in names if isinstance(n, str)]
        elif isinstance(error, ImportError):
            missed = re.match(r"cannot import name '?(\w+)", str(error))
            name = error.name or package_in(error) or ""
            name = f"{name}.{missed.group(1)}" if missed else name
            bases = [os.path.join(root, *name.split(".")) for root in roots] if name else []
            paths += [base + suffix for suffix in ("", ".py") for base in bases]
        error = error.__cause__ or error.__context__
    paths = [os.path.normpath(path) for path in paths]
    inside = [repository.relative(path) for path in paths if path.startswith(repository.prefix)]
    return list(dict.fromkeys(inside))


def package_in(error: ImportError) -> "Optional[str]":
    """The package in the statement `from package import name` that failed; for Python 3.6."""
    frames = traceback.extract_tb(error.__traceback__)
    statement = re.match(r"from\s+(\w[\w.]*)\s+import\b", frames[-1].line or "") if frames else None
    return statement.group(1) if statement else None


def import_hint(error: BaseException, is_known: "Callable[[str], bool]") -> "Optional[str]":
    if isinstance(error, SystemExit):
        return 'Put code that must not run on import below `if __name__ == "__main__":`.'
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package == "prefect":
        return f"This Prefect has no module `{error.name}`. Is the flow for another release?"
    if is_known(package):
        return None
    return (
        f"Add the package that provides `{package}` to `python-dependencies` or the "
        "requirements file."
    )


def without_repeats(failures: "Iterable[Tuple[str, Problem]]") -> "List[Problem]":
    """The problems of `(file, problem)`, each once; a repeated one names its modules."""
    groups: Dict[Any, Tuple[Problem, List[str]]] = {}
    for file, failure in failures:
        key = tuple(failure[name] for name in ("code", "message", "file", "line"))
        groups.setdefault(key, (failure, []))[1].append(file)
    for failure, files in groups.values():
        if len(files) > 1:
            names = files[:MAX_MODULES]
            if len(files) > MAX_MODULES:
                names.append(f"... ({len(files)} modules)")
            failure["message"] += f"; imported by {', '.join(names)}"
    return [failure for failure, _ in groups.values()]
