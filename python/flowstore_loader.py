"""Runs where Prefect flows will run: imports flow modules, serializes their flows, reads them back.

    python flowstore_loader.py REQUEST.json

The request and the result are JSON of protocol 1; `src/load/protocol.ts` describes both. The result
goes to `result.json` in the request's `output` folder, and the exit code is 0 whenever there is
one: what is wrong with the user's modules stands inside it. Standard output and standard error
belong to the user's modules.

The standard library alone, Python 3.6 to 3.13, Prefect 0.5.4 to 1.4.1.
"""

import ast
import base64
import collections
import contextlib
import copy
import copyreg
import dis
import enum
import functools
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import threading
import time
import traceback
import types

PROTOCOL = 1
SUFFIXES = importlib.machinery.all_suffixes()
OWN_FILE = os.path.realpath(__file__)
OWN_FOLDER = os.path.dirname(OWN_FILE)


# ---------------------------------------------------------------------------- the repository


class Repository:
    """The declared sources: which files are the user's, and which of them are flow modules."""

    def __init__(self, root, files):
        self.root = os.path.realpath(root)
        self.prefix = os.path.join(self.root, "")
        self.flow_files = {self.path(file) for file in files}
        # The interpreter may live below the root, as the virtual environment of a work tree does.
        own = {os.path.join(p, "") for p in (sys.prefix, sys.base_prefix)}
        self.foreign = tuple(p for p in own if p.startswith(self.prefix))

    def path(self, file):
        return os.path.normpath(os.path.join(self.root, file))

    def owns(self, path):
        """Whether a path is a file of the user's, not of an environment that lies in the tree."""
        if not path.startswith(self.prefix) or path.startswith(self.foreign) or path == OWN_FILE:
            return False
        parts = path.split(os.sep)
        return "site-packages" not in parts and "dist-packages" not in parts

    def relative(self, path):
        return self.shorten(path).replace(os.sep, "/")

    def shorten(self, text):
        """A message with the paths of the repository's files relative to the root."""
        return text.replace(self.prefix, "")

    def loaded(self):
        """The repository's modules in `sys.modules`, by name."""
        found = {}
        for name, module in sorted(sys.modules.items()):
            file = module_file(module)
            # A namespace package has no file; one that also reaches outside is not the user's.
            places = [file] if file else namespace_folders(module)
            if places and all(self.owns(place) for place in places):
                found[name] = module
        return found


def module_file(module):
    file = vars(module).get("__file__") if isinstance(module, types.ModuleType) else None
    return os.path.normpath(file) if isinstance(file, str) else None


def namespace_folders(module):
    try:
        return [os.path.join(folder, "") for folder in vars(module).get("__path__", ())]
    except Exception:  # sys.modules may hold anything
        return []


def shipped_path(name, file):
    """Where a module's file must lie below an entry of `sys.path` to be imported by its name."""
    stem, _, suffix = os.path.basename(file).partition(".")
    package = stem == "__init__" and name.rpartition(".")[2] != "__init__"
    return name.replace(".", "/") + ("/__init__" if package else "") + "." + suffix


# ---------------------------------------------------------------------------- static imports


class Imports:
    """The import statements of the repository's files, resolved without importing anything."""

    def __init__(self, repository):
        self.repository = repository
        self._statements = functools.lru_cache(maxsize=None)(import_statements)
        self.resolve = functools.lru_cache(maxsize=None)(find_module)

    def of(self, name, file, roots, lazy_only=False):
        """`(name, file, line)` of each module of the repository that a file imports.

        With `lazy_only` just those in functions: the others ran when the module was loaded.
        """
        for statement, target in self.targets(name, file, lazy_only):
            for found in prefixes(target):
                path = self.resolve(found, roots)
                if path and path != file and self.repository.owns(path):
                    yield found, path, statement.line

    def targets(self, name, file, lazy_only=False):
        """Each import statement of a file, with the absolute dotted name that it asks for."""
        if not file.endswith(".py"):
            return
        package = shipped_path(name, file).endswith("/__init__.py")
        parents = name.split(".") if package else name.split(".")[:-1]
        for statement in self._statements(file):
            if (lazy_only and not statement.lazy) or statement.level > len(parents):
                continue
            parts = parents[: len(parents) - statement.level + 1] if statement.level else []
            target = ".".join(parts + ([statement.target] if statement.target else []))
            if target:
                yield statement, target

    def reach(self, start, roots):
        """`(name, file)` of files of the repository, of all that they import, and so on."""
        queue, reached = list(start), {}
        while queue:
            item = queue.pop(0)
            if item not in reached:
                reached[item] = True
                queue += [(name, path) for name, path, _ in self.of(*item, roots=roots)]
        return list(reached)


Statement = collections.namedtuple("Statement", "lazy guarded level target line")
GUARDS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
CHOICES = {"TYPE_CHECKING", "version_info", "platform", "find_spec"}


def import_statements(file):
    """The `Statement` of each import, `import_module` and `__import__` of a literal among them.

    The last part of a target of `from` might be a submodule or not. What is guarded need not be there.
    """
    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return []
    found = []

    def visit(node, lazy, guarded):
        if isinstance(node, ast.Import):
            targets = [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            prefix = node.module + "." if node.module else ""
            names = [node.module or "" if a.name == "*" else prefix + a.name for a in node.names]
            targets = [(node.level, name) for name in names]
        else:
            targets = called_imports(node) if isinstance(node, ast.Call) else []
        found.extend(Statement(lazy, guarded, *target, line=node.lineno) for target in targets)
        lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        guarded = guarded or is_guard(node)
        for child in ast.iter_child_nodes(node):
            visit(child, lazy, guarded)

    visit(tree, False, False)
    return found


def called_imports(call):
    """`[(level, name)]` where a call imports a module that it names by a literal."""
    function = getattr(call.func, "attr", getattr(call.func, "id", None))
    values = dict(zip(("name", "package"), call.args))
    values.update((keyword.arg, keyword.value) for keyword in call.keywords)
    name = literal_text(values.get("name"))
    if function not in ("import_module", "__import__") or not name:
        return []
    target = name.lstrip(".")
    level = len(name) - len(target)
    package = literal_text(values.get("package"))
    if function == "import_module" and level and package:
        parts = package.split(".")
        return [(0, ".".join(parts[: len(parts) - level + 1] + [target]))]
    return [(level, target)]


def literal_text(node):
    with contextlib.suppress(ValueError, TypeError):
        value = ast.literal_eval(node) if isinstance(node, ast.AST) else None
        return value if isinstance(value, str) else None


def is_guard(node):
    """Whether code does without what a statement in it can't import, or may not run it here."""
    if isinstance(node, ast.Try):
        return any(h.type is None or words(h.type) & GUARDS for h in node.handlers)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return any(words(item) & GUARDS for item in node.items)
    return isinstance(node, ast.If) and bool(words(node.test) & CHOICES)


def words(tree):
    """Names and attributes in a piece of code."""
    return {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(tree)}


def find_module(name, roots):
    """The file that Python's path finder would find; None for a namespace package too."""
    folders = roots
    for part in name.split("."):
        file, portions = None, []
        for folder in folders:
            base = os.path.join(folder, part)
            package = existing_module(os.path.join(base, "__init__"))
            file = package or existing_module(base)
            if file:
                portions = [base] if package else []
                break
            if os.path.isdir(base):
                portions.append(base)
        if not file and not portions:
            return None
        folders = portions
    return file


def existing_module(base):
    return next((base + suffix for suffix in SUFFIXES if os.path.isfile(base + suffix)), None)


# ---------------------------------------------------------------------------- problems


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
    return [
        traceback.FrameSummary(
            repository.relative(frame.filename), frame.lineno, frame.name, line=frame.line
        )
        for frame in traceback.extract_tb(error.__traceback__)
        if repository.owns(frame.filename)
    ]


def import_problem(error, request, repository, known):
    """What to say of an exception that importing a flow module raised."""
    frames = user_frames(error, repository)
    detail = repository.shorten(traceback_text(error, frames))
    message = repository.shorten(error_text(error))
    if isinstance(error, SyntaxError) and error.filename and repository.owns(error.filename):
        file = repository.relative(error.filename)
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


# ---------------------------------------------------------------------------- importing


class Group:
    """Flow modules that are imported with one `sys.path`: those of one import root."""

    def __init__(self, import_root, repository):
        root, src = repository.root, os.path.join(repository.root, "src")
        folders = [import_root, root] + ([src] if os.path.isdir(src) else [])
        self.roots = tuple(dict.fromkeys(folders))
        self.files = {}
        """Name of each flow module, to its file."""
        self.modules = {}
        """The repository's modules in `sys.modules` when the group was loaded."""

    def takes(self, import_root, name, file):
        return self.roots[0] == import_root and self.files.get(name, file) == file


def locate(file, repository, ours):
    """`(dotted name, import root)` of a flow module: up while the folder has an `__init__.py`.

    A first part that is loaded already and isn't of `ours`, the repository's modules, is left out:
    a folder named `prefect` neither hides the package nor is hidden by it.
    """
    folder, base = os.path.split(file)
    stem = os.path.splitext(base)[0].replace(".", "_")
    parts = [stem]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder != repository.root:
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if stem == "__init__" and len(parts) > 1:
        parts.pop()
    while len(parts) > 1 and parts[0] in sys.modules and parts[0] not in ours:
        folder = os.path.join(folder, parts.pop(0))
    while parts[0] in sys.modules and parts[0] not in ours:
        parts[0] += "_"
    return ".".join(parts), folder


def grouped(requests, repository):
    """`[(group, [(index, request, name)])]`, import roots in the order in which they come up."""
    groups, ours = [], repository.loaded()
    for index, request in enumerate(requests):
        file = repository.path(request["file"])
        name, import_root = locate(file, repository, ours)
        for group, members in groups:
            if group.takes(import_root, name, file):
                break
        else:
            group, members = Group(import_root, repository), []
            groups.append((group, members))
        group.files[name] = file
        members.append((index, request, name))
    return groups


def enter_group(group, previous, repository, imports):
    """Drops modules that would be others under the group's `sys.path`, and what imported them."""
    loaded = repository.loaded()
    stale, files = set(), set()

    def is_stale(name, module):
        file = module_file(module)
        if file is None:  # a namespace package: the attributes it has are of the group before
            return True
        if file != (group.files.get(name) or imports.resolve(name, group.roots)):
            return True
        return any(path in files for _, path, _ in imports.of(name, file, previous.roots))

    grown = True
    while grown:
        grown = False
        for name, module in loaded.items():
            package = name.partition(".")[0]
            if package not in stale and is_stale(name, module):
                stale.add(package)
                grown = True
        files = {module_file(m) for n, m in loaded.items() if n.partition(".")[0] in stale}
    for name in loaded:
        if name.partition(".")[0] in stale:
            del sys.modules[name]


def import_flow_module(name, file):
    """Imports a file under its dotted name, its packages first, as `import` would."""
    parent, _, child = name.rpartition(".")
    if parent:
        importlib.import_module(parent)
    module = sys.modules.get(name)
    if module_file(module) == file:
        return module
    loader = importlib.machinery.SourceFileLoader(name, file)
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    if parent:
        setattr(sys.modules[parent], child, module)
    return sys.modules[name]


# ---------------------------------------------------------------------------- finding flows


Place = collections.namedtuple("Place", "path line namespace")
Found = collections.namedtuple("Found", "flow place group module_path variables")


class Places:
    """Where each flow was made: file and line of the module-level statement that led to it."""

    def __init__(self, repository):
        self.repository = repository
        self._made = {}

    @contextlib.contextmanager
    def recording(self, flow_class):
        original = flow_class.__init__

        @functools.wraps(original)
        def init(flow, *args, **kwargs):
            frame = sys._getframe(1)
            while frame:
                code = frame.f_code
                if code.co_name == "<module>" and self.repository.owns(code.co_filename):
                    place = Place(code.co_filename, frame.f_lineno, frame.f_globals)
                    # The flow is kept, so that no other gets its id.
                    self._made[id(flow)] = (flow, place)
                    break
                frame = frame.f_back
            return original(flow, *args, **kwargs)

        flow_class.__init__ = init
        try:
            yield
        finally:
            flow_class.__init__ = original

    def of(self, flow, module, variable):
        """The place; of a flow made without `Flow.__init__`, such as a copy, its binding."""
        if id(flow) in self._made:
            return self._made[id(flow)][1]
        file = module_file(module)
        return Place(file, binding_line(file, variable), vars(module))


def binding_line(file, variable):
    with open(file, "rb") as source:
        names = [node for node in ast.walk(ast.parse(source.read())) if isinstance(node, ast.Name)]
    lines = [n.lineno for n in names if n.id == variable and isinstance(n.ctx, ast.Store)]
    return min(lines, default=1)


def find_flows(module, flow_class):
    """`(variable, flow)` in the order bound, those in lists, tuples, sets and dicts included."""

    def search(value, seen):
        kind = type(value)
        if issubclass(kind, flow_class):
            yield value
        elif issubclass(kind, (list, tuple, set, frozenset, dict)) and id(value) not in seen:
            seen.add(id(value))
            items = value
            if issubclass(kind, dict):
                items = dict.values(value)
            elif issubclass(kind, (set, frozenset)):
                # A set's order changes with the addresses of what it holds.
                items = sorted(
                    value, key=lambda item: item.name if issubclass(type(item), flow_class) else ""
                )
            for item in list(items):
                yield from search(item, seen)

    for variable, value in list(vars(module).items()):
        if not variable.startswith("__"):
            for flow in search(value, set()):
                yield variable, flow


def flows_of_module(module, group, flow_class, places):
    """The `Found` of each flow at module level, with the variables that lead to it."""
    found = {}
    for variable, flow in find_flows(module, flow_class):
        if id(flow) not in found:
            place = places.of(flow, module, variable)
            found[id(flow)] = Found(flow, place, group, module_file(module), [])
        found[id(flow)].variables.append(variable)
    return list(found.values())


def select_flows(found, request):
    """`(flows wanted of a module, problems)`."""
    file = request["file"]
    if not found and (request["explicit"] or request["flows"]):
        hint = "Bind the flow to a variable at the top level of the module."
        return [], [problem("FLOW_NOT_FOUND", "No flow found in %s." % file, file, hint=hint)]
    if request["flows"] is None:
        return found, []
    chosen, problems = [], []
    for wanted in request["flows"]:
        matches = [entry for entry in found if entry.flow.name == wanted]
        matches = matches or [entry for entry in found if wanted in entry.variables]
        chosen += [entry for entry in matches if entry not in chosen]
        if not matches:
            names = ", ".join(dict.fromkeys('"%s"' % entry.flow.name for entry in found))
            text = 'No flow "%s" in %s; it has %s.' % (wanted, file, names)
            problems.append(problem("FLOW_NOT_FOUND", text, file))
    return [entry for entry in found if entry in chosen], problems


def is_same_flow(one, other):
    same_place = one.place[:2] == other.place[:2]
    return one.flow is other.flow or (
        same_place and one.place.namespace is not other.place.namespace
    )


def merge_flows(per_module, repository):
    """One list of all modules' flows, each once, and the conflicts of their names."""
    flows, problems = [], []
    for entry in (entry for found in per_module for entry in found):
        same_name = [known for known in flows if known.flow.name == entry.flow.name]
        # Another module may have imported a flow, or its module a second time by another name.
        if any(is_same_flow(known, entry) for known in same_name):
            continue
        flows.append(entry)
        if same_name:
            first, place = same_name[0].place, entry.place
            names = entry.flow.name, repository.relative(first.path), first.line
            file = repository.relative(place.path)
            text = 'Two flows are named "%s": %s:%d and %s:%d.' % (names + (file, place.line))
            hint = "Give one of them another name, or choose by variable: `path.py:variable`."
            problems.append(problem("NAME_CONFLICT", text, file, place.line, hint=hint))
    return flows, problems


# ---------------------------------------------------------------------------- serializing


class CarriedModule(types.ModuleType):
    """A module that goes into a pickle by value; the state comes last, so modules may be cyclic."""

    left_out = ()

    def __reduce_ex__(self, protocol):
        state = {
            key: value
            for key, value in vars(self).items()
            if key not in NOT_CARRIED and not any(value is module for module in self.left_out)
        }
        return types.ModuleType, (self.__name__,), state


NOT_CARRIED = ("__builtins__", "__loader__", "__spec__", "__cached__", "__path__")


@contextlib.contextmanager
def carrying(modules, carried, left_out):
    """Makes cloudpickle of any version take the modules named in `carried` by value.

    It takes functions and classes by value whose module it can't find, and None in `sys.modules`
    keeps old releases from importing it again. A module object follows its class; a package that
    holds a carried module goes along, as importing it would not bring that module. Modules in
    `left_out` stay behind where a carried module has them as attributes.
    """
    saved = {name: sys.modules.get(name) for name in modules}
    objects = {prefix for name in carried for prefix in prefixes(name)}
    classes = []
    for name, module in modules.items():
        sys.modules[name] = None if name in carried else module
        if name in objects:
            classes.append((module, type(module)))
            module.__class__ = CarriedModule
    CarriedModule.left_out = left_out
    try:
        yield
    finally:
        for module, kind in classes:
            module.__class__ = kind
        for name, module in saved.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


class CarriedImports:
    """A finder that a pickle brings: the modules that its functions import when they run.

    Each of those functions has it as an attribute, so it goes along wherever a function is sent. Being
    of `__main__` it is pickled by value itself and needs nothing of this file. A module that can be
    imported without it is never hidden. Modules that were loaded are carried as they were then, any
    other runs from its source.
    """

    def __init__(self, sources, loaded):
        self.sources = sources
        self.loaded = loaded
        self.pickled = None
        self.read = False

    def settle(self, dumps):
        """Leaves to their source the loaded modules that can't be pickled as a whole."""
        loaded, self.loaded = self.loaded, {}
        if not pickles(loaded, dumps):
            loaded = {name: module for name, module in loaded.items() if pickles(module, dumps)}
        if loaded:
            self.pickled = dumps(loaded)
        self.loaded = loaded

    def __getstate__(self):
        # Sent on, a task takes `pickled`: of modules by now imported, only the names would go along.
        return dict(vars(self), read=True, loaded={} if self.read else self.loaded)

    def __setstate__(self, state):
        import sys

        vars(self).update(state)
        others = [finder for finder in sys.meta_path if hasattr(finder, "carried_imports")]
        if any(finder.sources == self.sources for finder in others):
            return
        # A process that runs several flows, as a Dask worker does, goes by the last it was given.
        for name, module in list(sys.modules.items()):
            if name in self.sources and getattr(module, "__loader__", None) in others:
                del sys.modules[name]
        sys.meta_path.insert(0, self)

    def carried_imports(self):
        return sorted(self.sources)

    def find_spec(self, name, path=None, target=None):
        package = any(other.startswith(name + ".") for other in self.sources)
        if name not in self.sources and not package:
            return None
        import importlib.machinery
        import sys

        frame = sys._getframe(1)
        while frame and frame.f_globals.get("__name__", "").startswith("importlib"):
            frame = frame.f_back
        if frame and frame.f_code.co_name in ("save_global", "save_function"):
            return None  # An old pickler tries whether others could import it: they couldn't.
        for finder in sys.meta_path:
            if hasattr(finder, "find_spec") and not hasattr(finder, "carried_imports"):
                spec = finder.find_spec(name, path, target)
                # A folder of that name, which might be a namespace package, is none as a rule.
                if spec and spec.origin not in (None, "namespace"):
                    return None
        file = self.sources[name][0] if name in self.sources else None
        package = package or file.endswith("__init__.py")
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=package)
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
    """Gives a function its package when it is read, for its relative imports: cloudpickle 0.6 doesn't."""

    def __init__(self, function):
        self.function = function
        self.package = function.__globals__.get("__package__")

    def __setstate__(self, state):
        vars(self).update(state)
        self.function.__globals__.setdefault("__package__", self.package)


@contextlib.contextmanager
def giving_imports(entry, imports, by_value):
    """Gives functions of a flow's modules what they need to import modules of the repository.

    That is their package and, `by_value`, the finder, which is yielded.
    """
    group, lines, relative, lazy = entry.group, {}, {}, []
    for name, file in reached_by(entry, imports):
        for statement, _ in imports.targets(name, file, lazy_only=True):
            if statement.level:
                relative.setdefault(file, set()).add(statement.line)
        for found, path, line in imports.of(name, file, group.roots, lazy_only=True):
            lines.setdefault(file, set()).add(line)
            lazy.append((found, path))
    sources = {}
    for name, file in imports.reach(lazy, group.roots) if by_value else ():
        if file.endswith(".py"):
            with open(file, "rb") as stream:
                sources[name] = (file, stream.read())
    loaded = {name: group.modules[name] for name in sources if name in group.modules}
    finder = CarriedImports(sources, loaded)
    modules, given = group.modules.values(), []
    for function in lazy_functions(modules, relative):
        given.append((function, "__flowstore_package__", KnownPackage(function)))
    for function in lazy_functions(modules, lines) if sources else ():
        given.append((function, "__flowstore_imports__", finder))
    for function, name, value in given:
        vars(function)[name] = value
    try:
        yield finder
    finally:
        for function, name, _ in given:
            del vars(function)[name]


def lazy_functions(modules, lines):
    """Functions of modules that have an import on one of a file's lines: methods and inner ones too."""
    wanted = {id(vars(module)): lines.get(module_file(module)) for module in modules}
    return lines and [
        value
        for value in gc.get_objects()
        if type(value) is types.FunctionType
        and wanted.get(id(value.__globals__))
        and not wanted[id(value.__globals__)].isdisjoint(code_lines(value.__code__))
    ]


def code_lines(code):
    yield from (line for _, line in dis.findlinestarts(code))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_lines(constant)


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


def make_enum(name, bases, members):
    kind = type(bases[-1])
    namespace = kind.__prepare__(name, bases)
    for member, value in members:
        namespace[member] = value
    return kind(name, bases, namespace)


def strangers(entry, repository, imports):
    """Flow modules that a flow's module doesn't import, though its package has them by now."""
    reached = {file for _, file in reached_by(entry, imports)}
    others = repository.flow_files - reached
    return [module for module in entry.group.modules.values() if module_file(module) in others]


def reached_by(entry, imports):
    """`(name, file)` of a flow's module and of the modules of the repository that it needs."""
    group = entry.group
    start = [item for item in group.files.items() if item[1] == entry.module_path]
    return imports.reach(start, group.roots)


def missing_imports(flows, imports, repository):
    """What functions import and nothing has: `{module, flows, file, line}` of each such statement.

    Modules of the repository that only functions import count as a whole; no module of the user's is imported.
    """
    found = {}
    for entry in flows:
        group = entry.group
        for name, file in reached_by(entry, imports):
            loaded = module_file(group.modules.get(name)) == file
            for statement, target in imports.targets(name, file, lazy_only=loaded):
                package = target.partition(".")[0]
                if not statement.guarded and not is_importable(package, group.roots):
                    key = (repository.relative(file), statement.line, package)
                    names = found.setdefault(key, [])
                    names += [entry.flow.name] if entry.flow.name not in names else []
    return [
        {"module": package, "flows": names, "file": file, "line": line}
        for (file, line, package), names in sorted(found.items())
    ]


@functools.lru_cache(maxsize=None)
def is_importable(package, roots):
    if package in sys.modules or importlib.machinery.PathFinder.find_spec(package, list(roots)):
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except Exception:  # a finder of somebody else's
        return True


def import_places(entry, imports, repository):
    """Where a flow's modules first import each module, by its name; what loading runs goes first."""
    places, later = {}, []
    for name, file in reached_by(entry, imports):
        for statement, target in imports.targets(name, file):
            place = {"file": repository.relative(file), "line": statement.line}
            for found in prefixes(target):
                if statement.lazy or statement.guarded:
                    later.append((found, place))
                else:
                    places.setdefault(found, place)
    return dict(reversed(later), **places)


def carried_names(modules, repository, by_value):
    """Names of the modules that go by value: all, or those in `by_value` and what is below them."""
    if by_value is None:
        return set(modules)
    files = repository.flow_files | by_value
    names = {name for name, module in modules.items() if module_file(module) in files}
    return {name for name in modules if names.intersection(prefixes(name))}


def prefixes(name):
    """A dotted name's packages, and itself."""
    parts = name.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def pickle_protocol(choices, version):
    """The last choice that isn't for a later release; None is cloudpickle's own default."""
    protocol = None
    for choice in choices:
        if is_since(version, choice["since"]):
            protocol = choice["protocol"]
    return protocol


def is_since(version, since):
    """Whether a release is another one or came after it."""
    return release(since) <= release(version)


def release(text):
    numbers = [int(n) for n in re.match(r"[0-9.]*", text).group().split(".") if n]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


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


def serialize(entry, repository, imports, by_value, protocol):
    """`(pickle, None)` or `(None, problem)`."""
    import cloudpickle

    modules = entry.group.modules
    carried = carried_names(modules, repository, by_value)
    dumps = functools.partial(cloudpickle.dumps, protocol=protocol)
    with contextlib.ExitStack() as stack:
        finder = stack.enter_context(giving_imports(entry, imports, by_value is None))
        stack.enter_context(carrying(modules, carried, strangers(entry, repository, imports)))
        try:
            finder.settle(dumps)
            return dumps(entry.flow), None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            where = [culprit(entry.flow, dumps), error_text(error)]
            where = repository.shorten(": ".join(part for part in where if part))
            detail = repository.shorten(traceback_text(error, user_frames(error, repository)))
    text = 'Flow "%s" can\'t be pickled: %s' % (entry.flow.name, where)
    hint = "Make such a value inside the task's function, when it runs."
    file = repository.relative(entry.place.path)
    return None, problem("FLOW_SERIALIZE", text, file, entry.place.line, detail, hint)


def register_form(entry, repository, labels):
    """`(what `prefect register --json` reads of a flow, less its storage, None)` or `(None, problem)`.

    Each field is JSON text: a number that JSON.parse changes would be another flow to the server.
    """
    try:
        serialized = prepared(entry.flow, labels).serialize(build=False)
        del serialized["storage"]
        for name, value in serialized.items():
            # For an object of an unknown class marshmallow gives [null, errors] and doesn't raise.
            if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] is None:
                raise ValueError("Prefect has no schema for the flow's %s: %s" % (name, value[1]))
        dumps = functools.partial(json.dumps, sort_keys=True, allow_nan=False)
        return {name: dumps(value) for name, value in serialized.items()}, None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = 'Flow "%s" can\'t be serialized for `prefect register`: %s'
        text %= entry.flow.name, repository.shorten(error_text(error))
        detail = repository.shorten(traceback_text(error, user_frames(error, repository)))
        hint = "Defaults of parameters have to be JSON, schedule and run config of a class of Prefect's."
        file = repository.relative(entry.place.path)
        return None, problem("FLOW_SERIALIZE", text, file, entry.place.line, detail, hint)


def prepared(flow, labels):
    """A copy of a flow, set up as `prefect build` does before it serializes.

    Without `labels` it also goes without those of the module's storage.
    """
    import prefect
    from prefect.run_configs import UniversalRun

    storage, flow = flow.storage, copy.copy(flow)
    defaults = prefect.config.flows.defaults.storage if storage is None else storage
    kind = "run_config"
    if flow.run_config is None:
        # Until 1.0 a flow may have an environment instead.
        if getattr(flow, "environment", None) is None:
            flow.run_config = UniversalRun()
        else:
            kind = "environment"
    config = copy.copy(getattr(flow, kind))
    config.labels = set(config.labels or ())
    if labels is not None:
        config.labels.update(getattr(storage, "_labels", None) or ())
        if defaults.add_default_labels:
            config.labels.update(labels)
    setattr(flow, kind, config)
    flow.storage = None
    return flow


# ---------------------------------------------------------------------------- helper modules


def plan_helpers(groups, repository, imports):
    """`(files to ship: path to file, files to carry by value instead, problems)`.

    Two files that would have to lie at one path can't both be shipped: both are carried, and so is
    what imports them. What a carried file imports inside a function has to be shipped all the same.
    """
    by_value = set()
    while True:
        known = len(by_value)
        shipped, problems = ship(groups, repository, imports, by_value)
        if len(by_value) == known:
            return shipped, by_value, problems


def ship(groups, repository, imports, by_value):
    """One pass of plan_helpers; adds to `by_value` what turns out not to be shippable."""
    shipped, problems = {}, []
    for group in groups:
        carried = carried_names(group.modules, repository, by_value)
        queue = []
        for name, module in group.modules.items():
            if module_file(module):
                queue.append((name, module_file(module), name in carried))
        seen = set()
        while queue:
            name, file, is_carried = queue.pop(0)
            if (name, file, is_carried) in seen:
                continue
            seen.add((name, file, is_carried))
            if not is_carried:
                path = shipped_path(name, file)
                other = shipped.setdefault(path, file)
                if other != file and not same_content(other, file):
                    by_value |= {other, file}
            for found, target, line in imports.of(name, file, group.roots, lazy_only=is_carried):
                if target not in by_value:
                    queue.append((found, target, False))
                elif is_carried:
                    text = (
                        "%s imports %s inside a function, and another file of the repository is "
                        "imported by the same name `%s`."
                    ) % (repository.relative(file), repository.relative(target), found)
                    hint = "Import it at the top of the module, or rename one of the two."
                    relative = repository.relative(file)
                    problems.append(problem("NAME_CONFLICT", text, relative, line, hint=hint))
                else:
                    by_value.add(file)
    return shipped, problems


def same_content(one, other):
    with open(one, "rb") as left, open(other, "rb") as right:
        return left.read() == right.read()


# ---------------------------------------------------------------------------- actions


def installed_version(package):
    """Version of an installed distribution without importing it, or None."""
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # Python 3.6 and 3.7
        return scanned_version(package)
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def scanned_version(package):
    """As installed_version; pkg_resources, the other way there is, takes up to half a second."""
    name = re.compile(
        r"%s-([^-]+)(-py[0-9.]+)?\.(dist-info|egg-info|egg)$" % package, re.IGNORECASE
    )
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for entry in sorted(os.listdir(folder)):
                match = name.match(entry)
                if match:
                    return match.group(1)
        # An editable install: the folder of its sources is on the path.
        with contextlib.suppress(OSError):
            file = os.path.join(folder, package + ".egg-info", "PKG-INFO")
            with open(file, encoding="utf-8", errors="replace") as lines:
                return re.search(r"^Version: *(\S+)", lines.read(), re.MULTILINE).group(1)
    return None


def installed_packages():
    """Every installed distribution, by its normalized name (PEP 503), to its version."""
    name = re.compile(r"([^-]+)-([^-]+)(-py[0-9.]+)?\.(dist-info|egg-info|egg)$")
    found = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for match in filter(None, map(name.match, sorted(os.listdir(folder)))):
                found.setdefault(re.sub("[-_.]+", "-", match.group(1)).lower(), match.group(2))
    return found


def python_version():
    return "%d.%d.%d" % sys.version_info[:3]


def probe(request):
    packages = ("prefect", "cloudpickle", "pip")
    versions = {package: installed_version(package) for package in packages}
    return {
        "executable": sys.executable,
        "versions": dict(versions, python=python_version()),
        "packages": installed_packages(),
        "machine": platform.machine(),
    }


def differences(expected):
    """What differs from the interpreter that is expected: `{what, expected, found}` each."""
    packages = installed_packages()
    found = dict(packages, python=python_version().rpartition(".")[0], machine=platform.machine())
    wanted = dict(expected["packages"], python=expected["python"], machine=expected["machine"])
    return [
        {"what": what, "expected": version, "found": found.get(what)}
        for what, version in sorted(wanted.items())
        if found.get(what) != version
    ]


def load(request):
    output = os.path.abspath(request["output"])
    repository = Repository(request["root"], [module["file"] for module in request["modules"]])
    result = {"versions": None, "flows": [], "helpers": [], "problems": [], "durations": {}}
    result["dependencies"], result["unregistrable"], result["missing"] = [], [], []
    problems, durations = result["problems"], result["durations"]
    result["differences"] = differences(request["expect"]) if request.get("expect") else []
    if result["differences"]:
        return result
    try:
        os.chdir(repository.root)
        with timed(durations, "prefect"):
            problems += import_prefect()
        if not problems:
            import cloudpickle
            import prefect

            result["versions"] = {
                "python": python_version(),
                "prefect": prefect.__version__,
                "cloudpickle": cloudpickle.__version__,
            }
            load_into(result, request, repository, output)
    except Exception as error:
        text = "The loader failed: " + error_text(error)
        problems.append(problem("LOAD_FAILED", text, detail=traceback.format_exc().rstrip()))
    return result


def load_into(result, request, repository, output):
    import prefect

    problems, durations = result["problems"], result["durations"]
    imports, places = Imports(repository), Places(repository)
    mend_old_cloudpickle()
    with timed(durations, "modules"):
        groups, per_module = import_modules(request, repository, imports, places, problems)
        flows, conflicts = merge_flows(per_module, repository)
        failed = {p["file"] for p in problems if p["code"] == "MODULE_IMPORT"}
        if failed:
            files = [repository.path(module["file"]) for module in request["modules"]]
            result["dependencies"] = declared_dependencies(files)
        problems += conflicts
    by_value = None
    if request["helpers"] == "reference":
        shipped, by_value, conflicts = plan_helpers(groups, repository, imports)
        problems += conflicts
        result["helpers"] = [
            {"file": repository.relative(file), "path": path}
            for path, file in sorted(shipped.items())
        ]
    protocol = pickle_protocol(request["pickleProtocols"], prefect.__version__)
    os.makedirs(os.path.join(output, "flows"), exist_ok=True)
    entries = []
    with timed(durations, "serialize"):
        for index, entry in enumerate(flows):
            content, failure = serialize(entry, repository, imports, by_value, protocol)
            if failure:
                problems.append(failure)
                continue
            file = "flows/%d.pickle" % index
            with open(os.path.join(output, file), "wb") as stream:
                stream.write(content)
            described = describe_flow(entry, repository)
            places = import_places(entry, imports, repository)
            result["flows"].append(dict(described, file=file, imports=places))
            entries.append(entry)
        result["missing"] = missing_imports(entries, imports, repository)
        flows_json = request.get("flowsJson")
        if not flows_json or not is_since(prefect.__version__, flows_json["since"]):
            return
        # Not before all are pickled: Prefect writes slugs into tasks, which flows may share.
        labels = None
        if is_since(prefect.__version__, flows_json["labelsSince"]):
            labels = flows_json["labels"]
        for entry, flow in zip(entries, result["flows"]):
            flow["serialized"], failure = register_form(entry, repository, labels)
            if failure:
                result["unregistrable"].append(failure)


@contextlib.contextmanager
def timed(durations, name):
    start = time.perf_counter()
    try:
        yield
    finally:
        durations[name] = round(time.perf_counter() - start, 3)


def import_prefect():
    """Imports Prefect and cloudpickle before any folder of the user's is on `sys.path`."""
    try:
        import prefect
        import cloudpickle  # noqa: F401

        prefect.Flow
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        version = installed_version("prefect")
        if version is None:
            text = "Prefect is not installed in %s." % sys.executable
            hint = "Set `prefect-version`, or install Prefect where the flows are loaded."
            return [problem("PREFECT_NOT_FOUND", text, hint=hint)]
        text = "Prefect %s is installed but can't be imported: %s" % (version, error_text(error))
        return [problem("PREFECT_NOT_FOUND", text, detail=traceback.format_exc().rstrip())]
    return []


def import_modules(request, repository, imports, places, problems):
    """`(groups, flows wanted of each module in the order asked)`."""
    import prefect

    flow_class = prefect.Flow
    own_path = list(sys.path)
    found = {index: ([], []) for index in range(len(request["modules"]))}
    groups = grouped(request["modules"], repository)
    # `loading_flow` makes newer releases pass over `flow.run()` and `flow.register()`, as they do
    # when they load a flow's file themselves.
    with places.recording(flow_class), prefect.context(loading_flow=True):
        previous = None
        for group, members in groups:
            enter_group(group, previous or group, repository, imports)
            previous = group
            importlib.invalidate_caches()
            for index, module_request, name in members:
                sys.path[:] = list(group.roots) + [p for p in own_path if p not in group.roots]
                sys.argv[:] = [module_request["file"]]
                os.chdir(repository.root)
                module, failures = try_import(module_request, name, group, repository, imports)
                if module:
                    flows = flows_of_module(module, group, flow_class, places)
                    flows, failures = select_flows(flows, module_request)
                    found[index] = (flows, failures)
                else:
                    found[index] = ([], failures)
            group.modules = repository.loaded()
    problems += said_once(
        (request["modules"][index]["file"], failure)
        for index in sorted(found)
        for failure in found[index][1]
    )
    return [group for group, _ in groups], [found[index][0] for index in sorted(found)]


def try_import(request, name, group, repository, imports):
    """`(module, [])` or `(None, problems)`."""
    file = repository.path(request["file"])
    if not os.path.isfile(file):
        text = "There is no file %s." % request["file"]
        return None, [problem("MODULE_NOT_FOUND", text, request["file"])]
    try:
        return import_flow_module(name, file), []
    except KeyboardInterrupt:
        raise
    except BaseException as error:

        def known(package):
            return imports.resolve(package, group.roots) is not None

        return None, [import_problem(error, request, repository, known)]


def describe_flow(entry, repository):
    from slugify import slugify

    run_config = getattr(entry.flow, "run_config", None)
    image = getattr(run_config, "image", None)
    return {
        "name": entry.flow.name,
        "slug": slugify(entry.flow.name),
        "module": repository.relative(entry.place.path),
        "line": entry.place.line,
        "parameters": sorted(
            (describe_parameter(parameter) for parameter in entry.flow.parameters()),
            key=lambda parameter: parameter["name"],
        ),
        "storage": own_storage(getattr(entry.flow, "storage", None), repository),
        "runImage": image if isinstance(image, str) else None,
        "serialized": None,
    }


STORAGE_OPTIONS = (
    "registry_url image_name image_tag base_image dockerfile dockerignore build_kwargs "
    "python_dependencies env_vars files extra_dockerfile_commands prefect_directory "
    "prefect_version local_image ignore_healthchecks path stored_as_script secrets directory"
).split()


def own_storage(storage, repository):
    """A storage set in a module: its Prefect class, and what is not that class's default."""
    if storage is None:
        return None
    classes = [c for c in type(storage).__mro__ if c.__module__.startswith("prefect.")]
    base = (classes or [type(storage)])[0]
    values, defaults = vars(storage), {}
    with contextlib.suppress(Exception):
        version = values.get("prefect_version")
        # The default of the base image follows from the version.
        defaults = vars(base(prefect_version=version) if version else base())
        if version == vars(base()).get("prefect_version"):
            defaults = dict(defaults, prefect_version=version)
        else:
            defaults = dict(defaults, prefect_version=None)
    options = {}
    for name in STORAGE_OPTIONS:
        value, default = values.get(name), defaults.get(name)
        if isinstance(value, (list, tuple)):
            value = [item for item in value if item not in (default or ())]
        elif isinstance(value, dict):
            value = {k: v for k, v in value.items() if (default or {}).get(k) != v}
        elif value == default:
            continue
        if value in (None, False, "") or value == [] or value == {}:
            continue
        if name == "files" and isinstance(value, dict):
            value = {repository.shorten(str(k)): v for k, v in value.items()}
        with contextlib.suppress(TypeError, ValueError):
            options[name] = json.loads(json.dumps(value))
    if not options and type(storage) is default_storage():
        return None
    return {"type": base.__name__, "options": options}


@functools.lru_cache(maxsize=None)
def default_storage():
    """The class of the storage that some releases give a flow that asks for none."""
    import prefect

    return type(getattr(prefect.Flow("flowstore"), "storage", None))


def declared_dependencies(files):
    """The `python_dependencies` of `Docker(...)` calls in files, as far as they can be read."""
    found = []
    for file in files:
        try:
            with open(file, "rb") as source:
                tree = ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            continue
        constants = module_constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            for keyword in node.keywords if name == "Docker" else ():
                if keyword.arg == "python_dependencies":
                    with contextlib.suppress(TypeError, ValueError):
                        value = constant_value(keyword.value, constants)
                        if isinstance(value, list):
                            found += [v for v in value if isinstance(v, str) and v not in found]
    return found


def module_constants(tree):
    """What is bound to names at the top of a module: those that are bound once in all of it."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    bound = collections.Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    constants = {}
    for node in tree.body:
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(targets[0], ast.Name):
            if len(targets) == 1 and bound[targets[0].id] == 1 and node.value is not None:
                constants[targets[0].id] = node.value
    return constants


def constant_value(node, constants):
    """A literal, the name of one, or a sum of such; a tuple comes as a list."""
    if isinstance(node, ast.Name) and node.id in constants:
        others = {name: value for name, value in constants.items() if name != node.id}
        return constant_value(constants[node.id], others)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return constant_value(node.left, constants) + constant_value(node.right, constants)
    if isinstance(node, (ast.List, ast.Tuple)):
        return [constant_value(item, constants) for item in node.elts]
    return ast.literal_eval(node)


def describe_parameter(parameter):
    described = {"name": parameter.name, "required": bool(parameter.required)}
    if not parameter.required:
        with contextlib.suppress(Exception):
            # JSON would turn a tuple into a list, so only what comes back equal is said.
            if json.loads(json.dumps(parameter.default, allow_nan=False)) == parameter.default:
                described["default"] = parameter.default
    return described


def check(request):
    import tempfile

    wanted = [(flow["name"], os.path.abspath(flow["path"])) for flow in request["flows"]]
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        flows = [check_flow(name, path) for name, path in wanted]
        os.chdir(os.sep)
    return {"flows": flows}


def check_flow(name, path):
    outcome = {"name": name, "ok": True, "error": None, "missingModule": None, "detail": None}
    try:
        import prefect

        flow = flow_of_script(path, name) if path.endswith(".py") else read_flow(path)
        if not isinstance(flow, prefect.Flow):
            raise TypeError("%s is a %s, not a Flow" % (path, type(flow).__name__))
        if flow.name != name:
            raise ValueError('%s holds the flow "%s"' % (path, flow.name))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        frames = [frame for frame in frames if os.path.realpath(frame.filename) != OWN_FILE]
        outcome.update(ok=False, error=error_text(error), detail=traceback_text(error, frames))
        if isinstance(error, ModuleNotFoundError):
            outcome["missingModule"] = error.name
    return outcome


def run_flow(request):
    name, path = request["flow"]["name"], os.path.abspath(request["flow"]["path"])
    outcome = {"state": None, "successful": False, "message": None, "detail": None}
    try:
        flow = flow_of_script(path, name) if path.endswith(".py") else read_flow(path)
        if flow.name != name:
            raise ValueError('%s holds the flow "%s"' % (path, flow.name))
        wrong = wrong_parameters(flow, request["parameters"])
        if wrong:
            return dict(outcome, message=wrong)
        # Old releases leave out retries with `run_on_schedule=False`.
        flow.schedule = None
        state = flow.run(parameters=request["parameters"], run_on_schedule=True)
        outcome.update(
            state=type(state).__name__,
            successful=bool(state.is_successful()),
            message=None if state.message is None else str(state.message),
            detail=failed_tasks(state),
        )
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        frames = [frame for frame in frames if os.path.realpath(frame.filename) != OWN_FILE]
        outcome.update(message=error_text(error), detail=traceback_text(error, frames))
    return outcome


def wrong_parameters(flow, given):
    parameters = {parameter.name: parameter for parameter in flow.parameters()}
    unknown = sorted(name for name in given if name not in parameters)
    if unknown:
        there = ", ".join(sorted(parameters)) or "none"
        return "it has no parameter %s; it has: %s" % (", ".join(unknown), there)
    missing = sorted(n for n, p in parameters.items() if p.required and n not in given)
    return "it requires the parameter %s" % ", ".join(missing) if missing else None


def failed_tasks(state):
    """`task: message` of each that failed by itself, not because another did."""
    if not isinstance(state.result, dict):
        return None
    lines = sorted(
        "%s: %s" % (task.name, result.message)
        for task, result in state.result.items()
        if result.is_failed() and type(result).__name__ != "TriggerFailed"
    )
    return "\n".join(lines) or None


def flow_of_script(path, name):
    """A flow from a module that is stored itself, as Prefect takes it from there."""
    import prefect

    with open(path, "rb") as stream:
        source = stream.read()
    values = {"__name__": "__flow__", "__file__": path}
    with prefect.context(loading_flow=True):
        exec(compile(source, path, "exec"), values)
    for value in values.values():
        if isinstance(value, prefect.Flow) and value.name == name:
            return value
    raise ValueError('%s has no flow "%s"' % (path, name))


def read_flow(path):
    """A flow from its file: Prefect's JSON envelope (from 0.14.3), or else the raw pickle."""
    import cloudpickle

    with open(path, "rb") as stream:
        content = stream.read()
    try:
        content = base64.b64decode(json.loads(content.decode("utf-8"))["flow"])
    except ValueError:
        pass
    return cloudpickle.loads(content)


# ---------------------------------------------------------------------------- the process


ACTIONS = {"probe": probe, "load": load, "check": check, "run": run_flow}


def write_result(folder, result):
    """Puts `result.json` there whole or not at all."""
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, "result.json")
    with open(file + ".tmp", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(file + ".tmp", file)


def answer(request):
    if request.get("protocol") != PROTOCOL:
        raise ValueError(
            "the request is of protocol %r, this is %d" % (request.get("protocol"), PROTOCOL)
        )
    if request["action"] == "session":
        return session(request["token"])
    action, output = ACTIONS[request["action"]], os.path.abspath(request["output"])
    result = {"protocol": PROTOCOL, "action": request["action"]}
    result.update(action(request))
    write_result(output, result)


def session(token):
    """Answers requests, one a line of standard input, until that ends.

    Each is answered by a process of its own, forked from this one: it has imported Prefect, and
    nothing of the user's. When one ends, a line is printed: the token, the exit code, and but for a
    load the result.
    """
    forks = sys.platform == "linux"
    if forks:
        import_prefect()
    begun = time.time()
    for line in sys.stdin.buffer:
        request, result = json.loads(line.decode("utf-8")), None
        sys.stdout.flush()
        if request["action"] == "changes":
            code, result = 0, {"changed": changed_files(begun, request["besides"])}
        else:
            # A fork has none of the threads.
            alone = forks and threading.active_count() == 1
            code = forked(request) if alone else spawned(line)
            file = os.path.join(request["output"], "result.json")
            if request["action"] != "load" and os.path.isfile(file):
                with open(file, encoding="utf-8") as stream:
                    result = json.load(stream)
        words = "\n%s %d %s\n" % (token, code, json.dumps(result))
        sys.__stdout__.buffer.write(words.encode())
        sys.__stdout__.buffer.flush()


CHANGES_SECONDS = 0.5
# What a container has beside the files of its image.
OF_THE_DAEMON = "/proc /sys /dev /etc/hostname /etc/hosts /etc/resolv.conf".split()


def changed_files(since, besides):
    """Some files that changed since a time, or None where there are too many files to tell soon.

    Nothing but the kernel sets the time of a file's last change of status.
    """
    # The clock of filesystems is up to some milliseconds behind.
    since, end = since - 0.02, time.process_time() + CHANGES_SECONDS
    left, found = set(OF_THE_DAEMON).union(besides), []
    folders = ["/"]
    while folders and len(found) < 5:
        if time.process_time() > end:
            return None
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.path in left:
                    continue
                if entry.stat(follow_symlinks=False).st_ctime > since:
                    found.append(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return found


def forked(request):
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, closefd=False)
    finish(lambda: answer(request))


def spawned(line):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "request.json")
        with open(file, "wb") as stream:
            stream.write(line)
        command = [sys.executable, OWN_FILE, file]
        return subprocess.call(command, stdin=subprocess.DEVNULL)


def finish(work):
    """Ends the process at once: threads and exit handlers of the user's can't hold or fail it."""
    code, text = 0, None
    try:
        work()
    except KeyboardInterrupt:
        code, text = 130, "interrupted"
    except BaseException as error:
        code, text = 1, error_text(error)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    if text:
        sys.__stderr__.write("flowstore_loader: %s\n" % " ".join(text.split()))
        sys.__stderr__.flush()
    os._exit(code)


def main(arguments):
    if len(arguments) != 2:
        raise ValueError("usage: flowstore_loader.py REQUEST.json")
    sys.dont_write_bytecode = True
    sys.path[:] = [p for p in sys.path if p and os.path.realpath(p) != OWN_FOLDER]
    with open(arguments[1], encoding="utf-8") as stream:
        request = json.load(stream)
    answer(request)


if __name__ == "__main__":
    finish(lambda: main(sys.argv))
