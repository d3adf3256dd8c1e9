"""Pickles in which functions share their module's attributes, as they do in a real module."""

import functools
import io
import operator
import types

from .modules_by_value import pickled_attributes, pickling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


class ModuleGlobals(dict):  # type: ignore[type-arg]
    """Stands for the globals of a module's functions; reads back as the module's attributes."""

    def __init__(self, module: types.ModuleType) -> None:
        super().__init__()
        self.module = module

    def __reduce_ex__(self, protocol: "Any") -> "Any":
        return vars, (self.module,)


class AddedAttributes:
    """Sets the attributes of a module that was pickled without them."""

    def __init__(self, module_globals: ModuleGlobals) -> None:
        self.globals = module_globals

    def __reduce_ex__(self, protocol: "Any") -> "Any":
        return dict.update, (self.globals, pickled_attributes(self.globals.module))


class LastOf:
    """A value that goes into a pickle after others."""

    def __init__(self, others: "List[Any]", value: "Any") -> None:
        self.others = others
        self.value = value

    def __reduce_ex__(self, protocol: "Any") -> "Any":
        return operator.getitem, ([*self.others, self.value], len(self.others))


def dumps(value: "Any", protocol: "Optional[int]") -> bytes:
    """A pickle by cloudpickle, in which functions have the attributes of their module as globals.

    cloudpickle alone gives functions a separate dict. Only modules that go by value anyway are
    shared: others might not be picklable as a whole.
    """
    import cloudpickle

    pickling.modules = {}
    content = cloudpickle.dumps(value, protocol=protocol)
    modules = pickling.modules
    if not modules or not can_share_globals():
        return content
    stream = io.BytesIO()
    pickler = cloudpickle.CloudPickler(stream, protocol=protocol)
    shared = [ModuleGlobals(module) for module in modules.values()]
    pickler.globals_ref.update((id(vars(each.module)), each) for each in shared)
    # All modules come before any value that functions refer to.
    first = [*shared, *map(AddedAttributes, shared)]
    pickling.without_attributes = modules
    try:
        pickler.dump(LastOf(first, value))
        return stream.getvalue()
    except Exception:  # in this order it may be nested too deep
        return content
    finally:
        pickling.without_attributes = {}


@functools.lru_cache(maxsize=None)
def can_share_globals() -> bool:
    """Whether functions that share a module's globals still work if their task is pickled again."""
    import cloudpickle

    if not hasattr(cloudpickle.CloudPickler(io.BytesIO()), "globals_ref"):
        return False
    # Some releases, at least 1.5 and 1.6, remove the builtins of a module that they pickle.
    module = types.ModuleType("flowstore")
    vars(module).update(__file__="", __builtins__={})
    cloudpickle.dumps(module)
    return "__builtins__" in vars(module)
