"""The `python_dependencies` of storages, read without importing anything."""

import ast
import collections
import contextlib

from ..import_statements import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List

    Constants = Dict[str, ast.expr]


def declared_dependencies(files: "Iterable[str]") -> "List[str]":
    """The `python_dependencies` of `Docker(...)` calls in files, as far as they are literals."""
    found: Dict[str, None] = {}
    for file in files:
        try:
            with open(file, "rb") as source:
                tree = ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            continue
        constants = module_constants(tree)
        for node in dependency_arguments(tree):
            with contextlib.suppress(TypeError, ValueError):
                value = constant_value(node, constants)
                if isinstance(value, list):
                    found.update((item, None) for item in value if isinstance(item, str))
    return list(found)


def dependency_arguments(tree: ast.Module) -> "Iterator[ast.expr]":
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = name_of(node.func)
            for keyword in node.keywords if function == "Docker" else ():
                if keyword.arg == "python_dependencies":
                    yield keyword.value


def module_constants(tree: ast.Module) -> "Constants":
    """The values of names that a module binds once, at its top level."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    bound = collections.Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    constants = {}
    for node in tree.body:
        targets = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = getattr(node, "value", None)
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and value is not None:
            name = targets[0].id
            if bound[name] == 1:
                constants[name] = value
    return constants


def constant_value(node: ast.AST, constants: "Constants") -> "Any":
    """A literal, the name of one, or a sum of such; a tuple comes as a list.

    Raises ValueError or TypeError for anything else.
    """
    if isinstance(node, ast.Name) and node.id in constants:
        others = {name: value for name, value in constants.items() if name != node.id}
        return constant_value(constants[node.id], others)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return constant_value(node.left, constants) + constant_value(node.right, constants)
    if isinstance(node, (ast.List, ast.Tuple)):
        return [constant_value(item, constants) for item in node.elts]
    return ast.literal_eval(node)
