"""The `python_dependencies` of storages, read without importing anything."""

import ast
import collections
import contextlib


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
