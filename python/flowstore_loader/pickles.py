"""What cloudpickle of any release can pickle, and what it is that it can not."""

import contextlib
import copyreg
import enum
import sys
import types

from .travelling import make_enum


def mend_old_cloudpickle():
    """Pickles by value what some old releases can't: enums before 1.1, properties in 1.2 on Python 3.8."""
    import cloudpickle.cloudpickle

    copyreg.pickle(property, reduce_property)
    if not hasattr(cloudpickle.cloudpickle, "_make_skeleton_enum"):
        copyreg.pickle(enum.EnumMeta, reduce_enum)


def reduce_property(value):
    return property, (value.fget, value.fset, value.fdel, value.__doc__)


def reduce_enum(cls):
    value = sys.modules.get(cls.__module__)
    for part in cls.__qualname__.split("."):
        value = getattr(value, part, None)
    if value is cls and cls.__module__ != "__main__":
        return cls.__qualname__
    members = [(name, member.value) for name, member in cls.__members__.items()]
    own = {"__dict__", "__weakref__", "__new__", "_generate_next_value_", "_member_map_"}
    own |= {"_member_names_", "_member_type_", "_value2member_map_"}.union(cls.__members__)
    rest = {name: value for name, value in vars(cls).items() if name not in own}
    rest["__qualname__"] = cls.__qualname__
    # A tuple's second part is set by attribute, once the class is known: its methods may name it.
    return make_enum, (cls.__name__, cls.__bases__, members), (None, rest)


def culprit(value, dumps, depth=8):
    """Path of names to the innermost part of a value that can't be pickled on its own."""

    seen, path = {id(value)}, []
    for _ in range(depth):
        for name, part in parts_of(value):
            if id(part) not in seen and not pickles(part, dumps):
                seen.add(id(part))
                path.append(name)
                value = part
                break
        else:
            break
    return " > ".join(path)


def pickles(value, dumps):
    try:
        dumps(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False
    return True


def parts_of(value):
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.FunctionType):
        cells = zip(value.__code__.co_freevars, value.__closure__ or ())
        with contextlib.suppress(ValueError):  # a cell that is still empty
            yield from [(name, cell.cell_contents) for name, cell in cells]
        names = global_names(value.__code__)
        yield from ((n, value.__globals__[n]) for n in names if n in value.__globals__)
        return
    if isinstance(value, dict):
        yield from (("[%r]" % (key,), item) for key, item in list(value.items()))
        return
    if isinstance(value, (list, tuple)):
        yield from (("[%d]" % index, item) for index, item in enumerate(value))
        return
    tasks = vars(value).get("tasks") if hasattr(value, "__dict__") else None
    if isinstance(tasks, (set, frozenset)):
        names = sorted((str(getattr(task, "name", "?")), id(task), task) for task in tasks)
        yield from (('task "%s"' % name, task) for name, _, task in names)
    if hasattr(value, "__dict__"):
        yield from ((str(name), part) for name, part in list(vars(value).items()))
    if not isinstance(value, (type, types.ModuleType)):
        yield type(value).__name__, type(value)


def global_names(code):
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += global_names(constant)
    return names
