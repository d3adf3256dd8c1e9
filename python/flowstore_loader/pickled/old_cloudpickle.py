"""Reducers for values that old releases of cloudpickle can't pickle by value."""

import copyreg
import enum
import sys

from .embedded import make_enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_SET_AGAIN = {
    "__dict__",
    "__weakref__",
    "__new__",
    "_generate_next_value_",
    "_member_map_",
    "_member_names_",
    "_member_type_",
    "_value2member_map_",
}


def register_reducers() -> None:
    """Fixes enums before cloudpickle 1.1, and properties in 1.2 on Python 3.8."""
    import cloudpickle.cloudpickle

    copyreg.pickle(property, reduce_property)
    if not hasattr(cloudpickle.cloudpickle, "_make_skeleton_enum"):
        copyreg.pickle(enum.EnumMeta, reduce_enum)


def reduce_property(value: property) -> "Any":
    return property, (value.fget, value.fset, value.fdel, value.__doc__)


def reduce_enum(enum_class: "Any") -> "Any":
    found: Any = sys.modules.get(enum_class.__module__)
    for part in enum_class.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is enum_class and enum_class.__module__ != "__main__":
        return enum_class.__qualname__
    members = [(name, member.value) for name, member in enum_class.__members__.items()]
    left_out = NOT_SET_AGAIN.union(enum_class.__members__)
    attributes = {name: value for name, value in vars(enum_class).items() if name not in left_out}
    attributes["__qualname__"] = enum_class.__qualname__
    # Attributes are set after the class exists: its methods may name it.
    state = (None, attributes)
    return make_enum, (enum_class.__name__, enum_class.__bases__, members), state
