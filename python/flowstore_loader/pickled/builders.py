"""Code of a module that would build a flow, but did not run when the module was imported."""

import ast
import inspect
import types

from ..generation import Builder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Set, Union

    Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BIND = "Bind the flow to a variable at the top level of the module."
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)


def builders_of(module: types.ModuleType, file: str, flow_class: type) -> "List[Builder]":
    """The functions, classes and blocks of a module that build flows, read from its source."""
    try:
        with open(file, "rb") as source:
            text = source.read()
        # Most modules without flows are helpers: don't search those.
        tree = ast.parse(text if b"Flow" in text else b"")
    except (OSError, SyntaxError, ValueError):
        return []
    search = Search(tree, vars(module), flow_class)
    return [builder for node in tree.body for builder in search.builders(node)]


class Search:
    """Finds the code of one module that builds flows."""

    def __init__(self, tree: ast.Module, namespace: "Dict[str, Any]", flow_class: type) -> None:
        self.namespace = dict(namespace)
        self.flow_class = flow_class
        nodes = list(ast.walk(tree))
        # Functions and blocks that did not run may import Prefect themselves.
        for node in nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.add_import(node)
        self.functions: Set[str] = set()
        """The names of functions that build flows, directly or by a call of one that does."""
        methods = {id(n) for node in nodes if isinstance(node, ast.ClassDef) for n in node.body}
        functions = [n for n in nodes if isinstance(n, FUNCTIONS) and id(n) not in methods]
        count = -1
        while count < len(self.functions):
            count = len(self.functions)
            self.functions.update(f.name for f in functions if self.builds(f))

    def add_import(self, node: "Union[ast.Import, ast.ImportFrom]") -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            if isinstance(node, ast.ImportFrom):
                if node.module == "prefect" and alias.name == "Flow":
                    self.namespace.setdefault(name, self.flow_class)
            elif alias.name == "prefect":
                prefect = types.ModuleType("prefect")
                vars(prefect)["Flow"] = self.flow_class
                self.namespace.setdefault(name, prefect)

    def builds(self, tree: ast.AST) -> bool:
        if isinstance(tree, FUNCTIONS) and tree.returns and self.is_flow_class(tree.returns):
            return True
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        return any(
            self.is_flow_class(func) or called_name(func) in self.functions for func in calls
        )

    def is_flow_class(self, node: ast.AST) -> bool:
        value = self.value_of(node)
        return inspect.isclass(value) and issubclass(value, self.flow_class)

    def value_of(self, node: ast.AST) -> "Any":
        """The value of a name, or of an attribute of a module; None for anything else."""
        if isinstance(node, ast.Name):
            return self.namespace.get(node.id)
        if isinstance(node, ast.Attribute):
            value = self.value_of(node.value)
            return vars(value).get(node.attr) if isinstance(value, types.ModuleType) else None
        return None

    def builders(self, node: ast.stmt) -> "Iterator[Builder]":
        """What a statement at the top level of the module says about flows."""
        if isinstance(node, BLOCKS) and not is_main_block(node) and not self.builds_in_head(node):
            for statement in statements_in(node):
                yield from self.builders(statement)
        elif isinstance(node, FUNCTIONS):
            if node.name in self.functions:
                yield function_builder(node)
        elif isinstance(node, ast.ClassDef):
            if self.builds(node):
                yield self.class_builder(node)
        elif self.builds(node):
            yield statement_builder(node)

    def class_builder(self, node: ast.ClassDef) -> Builder:
        methods = [inner.name for inner in ast.walk(node) if isinstance(inner, FUNCTIONS)]
        for each in node.body:
            if isinstance(each, FUNCTIONS) and is_callable_on_class(each) and self.builds(each):
                name = f"{node.name}.{each.name}"
                seen = f"the method `{name}` builds a flow"
                hint = f"Name the method in `flows`: `FILE:{name}`. It is called without arguments."
                return Builder(seen, hint, methods, name)
        return Builder(f"the class `{node.name}` builds a flow", BIND, methods or [node.name])

    def builds_in_head(self, node: ast.stmt) -> bool:
        """Whether a `with` itself builds a flow."""
        return isinstance(node, ast.With) and any(map(self.builds, node.items))


def function_builder(node: "Function") -> Builder:
    seen = f"the function `{node.name}` builds a flow"
    if not has_result(node):
        hint = f"Return the flow from `{node.name}`, and name the function in `flows`."
        return Builder(seen + " but does not return it", hint, [node.name])
    if requires_arguments(node):
        hint = (
            f"Bind what `{node.name}` returns to a variable at the top level, or name in `flows` "
            "a function without arguments that calls it."
        )
        return Builder(seen + " but requires arguments", hint, [node.name])
    hint = f"Name the function in `flows`: `FILE:{node.name}`. It is called without arguments."
    return Builder(seen, hint, [node.name], node.name)


def statement_builder(node: ast.stmt) -> Builder:
    """For the block below the test of `__name__`, or any other statement."""
    if is_main_block(node):
        block = '`if __name__ == "__main__":`'
        seen = f"the block {block} builds a flow"
        return Builder(seen, f"Move what builds the flow above {block}.")
    return Builder(f"line {node.lineno} builds a flow that no variable holds", BIND)


def requires_arguments(node: "Function", given: int = 0) -> bool:
    arguments = node.args
    positional = [*getattr(arguments, "posonlyargs", ()), *arguments.args]
    return len(positional) - given > len(arguments.defaults) or None in arguments.kw_defaults


def is_callable_on_class(node: "Function") -> bool:
    """Whether it is a static or class method that needs no arguments and returns something."""
    kinds = {called_name(decorator) for decorator in node.decorator_list}
    if not kinds & {"staticmethod", "classmethod"} or not has_result(node):
        return False
    return not requires_arguments(node, int("classmethod" in kinds))


def statements_in(block: ast.stmt) -> "Iterator[ast.stmt]":
    for child in ast.iter_child_nodes(block):
        statements = child.body if isinstance(child, ast.ExceptHandler) else [child]
        yield from (each for each in statements if isinstance(each, ast.stmt))


def has_result(node: ast.AST) -> bool:
    """Whether a function returns or yields something; functions inside it don't count."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Return, ast.Yield, ast.YieldFrom)) and child.value is not None:
            return True
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)) and has_result(child):
            return True
    return False


def called_name(function: ast.AST) -> "Optional[str]":
    return function.id if isinstance(function, ast.Name) else None


def is_main_block(node: ast.stmt) -> bool:
    """Whether a statement compares `__name__` with `"__main__"`."""
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    texts = [getattr(side, "value", getattr(side, "s", None)) for side in sides]
    return names == ["__name__"] and "__main__" in texts
