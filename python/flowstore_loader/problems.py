"""What is wrong with the user's modules, in words."""

import collections
import traceback


def problem(code, message, file=None, line=None, detail=None, hint=None):
    line = line if isinstance(line, int) and line > 0 else None
    return dict(code=code, message=message, file=file, line=line, detail=detail, hint=hint)


def error_text(error):
    """`Class: message`."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def traceback_text(error, frames):
    lines = ["Traceback (most recent call last):\n"] if frames else []
    lines += traceback.format_list(frames[-30:])
    return "".join(lines + traceback.format_exception_only(type(error), error)).rstrip()


def user_frames(error, repository):
    """The traceback's frames in the user's files, with paths relative to the root."""
    frames = traceback.extract_tb(error.__traceback__)
    placed = [(repository.path(frame.filename), frame) for frame in frames]
    return [
        traceback.FrameSummary(repository.relative(path), frame.lineno, frame.name, line=frame.line)
        for path, frame in placed
        if repository.owns(path)
    ]


def import_problem(error, request, repository, known):
    """What to say of an exception that importing a flow module raised."""
    frames = user_frames(error, repository)
    detail = repository.shorten(traceback_text(error, frames))
    message = repository.shorten(error_text(error))
    if isinstance(error, SyntaxError) and error.filename:
        path = repository.path(error.filename)
        if repository.owns(path):
            file = repository.relative(path)
            return problem("MODULE_SYNTAX", message, file, error.lineno, detail)
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (request["file"], None)
    hint = import_hint(error, known)
    return problem("MODULE_IMPORT", message, file, line, detail, hint)


def said_once(failures):
    """The problems of `(file, problem)`; one that several modules met names them."""
    met = collections.OrderedDict()
    for file, failure in failures:
        key = tuple(failure[name] for name in ("code", "message", "file", "line"))
        met.setdefault(key, (failure, []))[1].append(file)
    for failure, files in met.values():
        if len(files) > 1:
            more = ", ... (%d modules)" % len(files) if len(files) > 5 else ""
            failure["message"] += "; imported by " + ", ".join(files[:5]) + more
    return [failure for failure, _ in met.values()]


def import_hint(error, known):
    """`known(name)` tells whether a module of that name is in the repository."""
    if isinstance(error, SystemExit):
        return 'Put what must not run on import below `if __name__ == "__main__":`.'
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package == "prefect":
        return "This Prefect has no module `%s`; is the flow for another release?" % error.name
    if known(package):
        return None
    text = "Add the package that provides `%s` to `python-dependencies` or the requirements file."
    return text % package
