"""Code of a module that would make a flow, but did not run when the module was imported."""

import ast

from ..generation import Builder
from ..import_statements import syntax_of
from ..other_generation import is_name_of_prefect, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Set


def builders_of(file: str) -> "List[Builder]":
    """The functions of a module with a flow in them, and its block for scripts."""
    syntax = syntax_of(file)
    if syntax is None:
        return []
    variables = names_of(syntax, "flow")
    builders = []
    for node in syntax.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = [each for statement in node.body for each in ast.walk(statement)]
            if any(makes_flow(each, variables) for each in inner):
                seen = f"the function `{node.name}` makes a flow"
                hint = (
                    f"Bind what `{node.name}` returns to a variable at the top level of the "
                    "module, and name the variable in `flows`."
                )
                builders.append(Builder(seen, hint, [node.name]))
        elif isinstance(node, ast.If) and any(makes_flow(n, variables) for n in ast.walk(node)):
            seen = f"the block in line {node.lineno} makes a flow, and did not run"
            builders.append(Builder(seen, "Make the flow at the top level of the module."))
    return builders


def makes_flow(node: "Any", variables: "Set[str]") -> bool:
    decorators = getattr(node, "decorator_list", [])
    called = [node] if isinstance(node, ast.Call) else []
    uses = [getattr(each, "func", each) for each in [*decorators, *called]]
    return any(is_name_of_prefect(use, "flow", variables) for use in uses)
