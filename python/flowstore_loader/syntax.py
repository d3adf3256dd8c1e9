"""The syntax tree of a file, walked once for all that read it."""

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Set, Tuple, Type

    # `(statement or call, whether it is in a function, whether it is guarded)`
    Import = Tuple[Any, bool, bool]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
GUARDS = (ast.Call, ast.Try, ast.With, ast.AsyncWith, ast.If)
IMPORTS = (ast.Import, ast.ImportFrom, ast.Call)


class Syntax:
    """The nodes of a tree by their kind, in the order of the source; no contexts of expressions.

    `is_guard` says whether the code in a node may not run. `imports` are calls too.
    """

    def __init__(
        self, tree: ast.AST, is_guard: "Callable[[ast.AST], bool]" = lambda node: False
    ) -> None:
        self.tree: Any = tree
        self.imports: List[Import] = []
        self.outermost_functions: List[Any] = []
        self._kinds: Dict[Type[ast.AST], List[Any]] = {}
        self._lazy: Set[int] = set()
        self._is_guard = is_guard
        self._visit(tree, False, False)

    # The parts are read here: a generator for each node takes twice as long.
    def _visit(self, node: ast.AST, is_lazy: bool, is_guarded: bool) -> None:
        kind = type(node)
        self._kinds.setdefault(kind, []).append(node)
        if is_lazy:
            self._lazy.add(id(node))
        if kind in GUARDS:
            is_guarded = is_guarded or self._is_guard(node)
        if kind in IMPORTS:
            self.imports.append((node, is_lazy, is_guarded))
        if kind in FUNCTIONS and not is_lazy:
            self.outermost_functions.append(node)
            is_lazy = True
        for part in node.__dict__.values():
            if isinstance(part, ast.AST) and not isinstance(part, ast.expr_context):
                self._visit(part, is_lazy, is_guarded)
            elif isinstance(part, list):
                for each in part:
                    if isinstance(each, ast.AST):
                        self._visit(each, is_lazy, is_guarded)

    def of(self, *kinds: "Type[Any]") -> "List[Any]":
        return [node for kind in kinds for node in self._kinds.get(kind, ())]

    def is_lazy(self, node: ast.AST) -> bool:
        """Whether a node is inside a function."""
        return id(node) in self._lazy

    def constants(self) -> "List[Any]":
        # Until Python 3.7 texts are of a class of their own, which Python 3.14 no longer has.
        names = ("Constant", "Str")
        return [n for kind in self._kinds if kind.__name__ in names for n in self._kinds[kind]]
