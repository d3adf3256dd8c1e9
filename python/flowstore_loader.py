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
import functools
import importlib
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
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
        if not file.endswith(".py"):
            return
        package = shipped_path(name, file).endswith("/__init__.py")
        parents = name.split(".") if package else name.split(".")[:-1]
        for lazy, level, target, line in self._statements(file):
            if (lazy_only and not lazy) or level > len(parents):
                continue
            prefix = parents[: len(parents) - level + 1] if level else []
            target = ".".join(prefix + ([target] if target else []))
            for end in dots(target) if target else ():
                found = target[:end]
                path = self.resolve(found, roots)
                if path and path != file and self.repository.owns(path):
                    yield found, path, line


def import_statements(file):
    """`(lazy, level, dotted name, line)` of each import; names of `from` might be submodules."""
    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return []
    found = []

    def visit(node, lazy):
        if isinstance(node, ast.Import):
            found.extend((lazy, 0, alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = node.module + "." if node.module else ""
            for alias in node.names:
                target = node.module or "" if alias.name == "*" else prefix + alias.name
                found.append((lazy, node.level, target, node.lineno))
        for child in ast.iter_child_nodes(node):
            visit(child, lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))

    visit(tree, False)
    return found


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
    objects = {name[:end] for name in carried for end in dots(name)}
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


def strangers(entry, repository, imports):
    """Flow modules that a flow's module doesn't import, though its package has them by now."""
    group = entry.group
    queue = [item for item in group.files.items() if item[1] == entry.module_path]
    reached = {entry.module_path}
    while queue:
        for name, path, _ in imports.of(*queue.pop(), roots=group.roots):
            if path not in reached:
                reached.add(path)
                queue.append((name, path))
    others = repository.flow_files - reached
    return [module for module in group.modules.values() if module_file(module) in others]


def carried_names(modules, repository, by_value):
    """Names of the modules that go by value: all, or those in `by_value` and what is below them."""
    if by_value is None:
        return set(modules)
    files = repository.flow_files | by_value
    names = {name for name, module in modules.items() if module_file(module) in files}
    return {name for name in modules if any(name[:end] in names for end in dots(name))}


def dots(name):
    """Where each prefix of a dotted name ends, the whole name among them."""
    return [index for index, char in enumerate(name) if char == "."] + [len(name)]


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

    def fails(part):
        try:
            dumps(part)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return True
        return False

    seen, path = {id(value)}, []
    for _ in range(depth):
        for name, part in parts_of(value):
            if id(part) not in seen and fails(part):
                seen.add(id(part))
                path.append(name)
                value = part
                break
        else:
            break
    return " > ".join(path)


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
    with carrying(modules, carried, strangers(entry, repository, imports)):
        try:
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


def python_version():
    return "%d.%d.%d" % sys.version_info[:3]


def probe(request):
    packages = ("prefect", "cloudpickle", "pip")
    versions = {package: installed_version(package) for package in packages}
    return {"executable": sys.executable, "versions": dict(versions, python=python_version())}


def load(request):
    output = os.path.abspath(request["output"])
    repository = Repository(request["root"], [module["file"] for module in request["modules"]])
    result = {"versions": None, "flows": [], "helpers": [], "problems": [], "durations": {}}
    result["dependencies"], result["unregistrable"] = [], []
    problems, durations = result["problems"], result["durations"]
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
            result["flows"].append(dict(describe_flow(entry, repository), file=file))
            entries.append(entry)
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
    for index in sorted(found):
        problems += found[index][1]
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


def run(request_file):
    with open(request_file, encoding="utf-8") as stream:
        request = json.load(stream)
    if request.get("protocol") != PROTOCOL:
        raise ValueError(
            "the request is of protocol %r, this is %d" % (request.get("protocol"), PROTOCOL)
        )
    action, output = ACTIONS[request["action"]], os.path.abspath(request["output"])
    sys.dont_write_bytecode = True
    sys.path[:] = [p for p in sys.path if p and os.path.realpath(p) != OWN_FOLDER]
    result = {"protocol": PROTOCOL, "action": request["action"]}
    result.update(action(request))
    write_result(output, result)


def main(arguments):
    """Ends the process at once: threads and exit handlers of the user's can't hold or fail it."""
    code, text = 0, None
    try:
        if len(arguments) != 2:
            raise ValueError("usage: flowstore_loader.py REQUEST.json")
        run(arguments[1])
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


if __name__ == "__main__":
    main(sys.argv)
