"""Classes and functions that go into pickles.

Nothing here may name anything outside its own function: where a pickle is read there is no loader.
No type hints either: cloudpickle would write them into every such pickle.
"""

# cloudpickle takes by value what is of `__main__`.
__name__ = "__main__"


class CarriedImports:
    """A finder that a pickle brings: the modules that its functions import when they run.

    Each of those functions has it as an attribute, so it goes wherever a function is sent. A module
    that can be imported without it is never hidden. Modules that were loaded are brought as they
    were then, any other runs from its source.
    """

    def __init__(self, sources, loaded):
        self.sources = sources
        self.loaded = loaded
        self.pickled = None
        self.read = False

    def __getstate__(self):
        # Sent on, a task takes `pickled`: of modules imported by now, only the names would go.
        return dict(vars(self), read=True, loaded={} if self.read else self.loaded)

    def __setstate__(self, state):
        import sys

        vars(self).update(state)
        others = [finder for finder in sys.meta_path if hasattr(finder, "carried_imports")]
        if any(finder.sources == self.sources for finder in others):
            return
        # In a process that runs several flows, as a Dask worker does, the last finder counts.
        for name, module in list(sys.modules.items()):
            if name in self.sources and getattr(module, "__loader__", None) in others:
                del sys.modules[name]
        sys.meta_path.insert(0, self)

    def carried_imports(self):
        return sorted(self.sources)

    def find_spec(self, name, path=None, target=None):
        is_package = any(other.startswith(name + ".") for other in self.sources)
        if name not in self.sources and not is_package:
            return None
        import importlib.machinery
        import sys

        frame = sys._getframe(1)
        while frame and frame.f_globals.get("__name__", "").startswith("importlib"):
            frame = frame.f_back
        if frame and frame.f_code.co_name in ("save_global", "save_function"):
            return None  # An old pickler asks whether others could import it. They couldn't.
        for finder in sys.meta_path:
            if hasattr(finder, "find_spec") and not hasattr(finder, "carried_imports"):
                spec = finder.find_spec(name, path, target)
                # A folder of that name could be a namespace package, but hardly ever is.
                if spec and spec.origin not in (None, "namespace"):
                    return None
        file = self.sources[name][0] if name in self.sources else None
        is_package = is_package or file.endswith("__init__.py")
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=is_package)
        spec.has_location = file is not None
        return spec

    def create_module(self, spec):
        import pickle

        if self.pickled and not self.loaded:
            content, self.pickled = self.pickled, None
            self.loaded = pickle.loads(content)
            self.pickled = content
        return self.loaded.get(spec.name)

    def exec_module(self, module):
        name = module.__name__
        if name in self.sources and self.loaded.get(name) is not module:
            file, source = self.sources[name]
            exec(compile(source, file, "exec"), vars(module))


class KnownPackage:
    """Gives a function that is read its package, for relative imports: cloudpickle 0.6 doesn't."""

    def __init__(self, function):
        self.function = function
        self.package = function.__globals__.get("__package__")

    def __setstate__(self, state):
        vars(self).update(state)
        self.function.__globals__.setdefault("__package__", self.package)


def make_enum(name, bases, members):
    enum_class = type(bases[-1])
    namespace = enum_class.__prepare__(name, bases)
    for member, value in members:
        namespace[member] = value
    return enum_class(name, bases, namespace)
