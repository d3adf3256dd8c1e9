"""Finds the part of a value that can't be pickled, or that holds something."""

import contextlib
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Tuple

    Dumps = Callable[[Any], bytes]
    Part = Tuple[str, Any]

MAX_DEPTH = 8


def can_pickle(value: "Any", dumps: "Dumps") -> bool:
    try:
        dumps(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False
    return True


def path_to_unpicklable(value: "Any", dumps: "Dumps") -> str:
    """The names that lead to the innermost part of a value that can't be pickled by itself."""
    return path_to(value, lambda part: not can_pickle(part, dumps))


def path_to(value: "Any", is_found: "Callable[[Any], bool]") -> str:
    """The names that lead to the innermost part of a value that `is_found`."""
    seen, path = {id(value)}, []
    for _ in range(MAX_DEPTH):
        part = next((p for p in parts_of(value) if id(p[1]) not in seen and is_found(p[1])), None)
        if part is None:
            break
        name, value = part
        seen.add(id(value))
        path.append(name)
    return " > ".join(path)


def parts_of(value: "Any") -> "Iterator[Part]":
    """`(name, part)` of what a value holds."""
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.FunctionType):
        yield from variables_of(value)
    elif isinstance(value, dict):
        yield from ((f"[{key!r}]", item) for key, item in list(value.items()))
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    else:
        yield from attributes_of(value)


def variables_of(function: types.FunctionType) -> "Iterator[Part]":
    """The variables of enclosing functions and the globals that a function uses."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or ())
    with contextlib.suppress(ValueError):  # a cell that is still empty
        yield from [(name, cell.cell_contents) for name, cell in cells]
    values = function.__globals__
    yield from ((n, values[n]) for n in names_used(function.__code__) if n in values)


def names_used(code: types.CodeType) -> "List[str]":
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += names_used(constant)
    return names


def attributes_of(value: "Any") -> "Iterator[Part]":
    """The tasks of a flow first, then attributes, then the class."""
    attributes = vars(value) if hasattr(value, "__dict__") else {}
    tasks = attributes.get("tasks")
    if isinstance(tasks, (set, frozenset)):
        named = sorted((str(getattr(task, "name", "?")), id(task), task) for task in tasks)
        yield from ((f'task "{name}"', task) for name, _, task in named)
    yield from ((str(name), part) for name, part in list(attributes.items()))
    if not isinstance(value, (type, types.ModuleType)):
        yield type(value).__name__, type(value)
