"""What in a module's source is of Prefect 2 and 3."""

import ast

from ..other_generation import Sign, imported_signs, is_name_of_prefect, signs_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

OF = "Prefect 2 and 3"
NAMES = {
    "aserve",
    "deploy",
    "flow",
    "get_client",
    "get_run_logger",
    "runtime",
    "serve",
    "variables",
}
MODULES = {
    "artifacts",
    "assets",
    "automations",
    "blocks",
    "cache_policies",
    "client.orchestration",
    "client.schemas",
    "concurrency",
    "context",
    "deployments",
    "docker",
    "events",
    "filesystems",
    "flows",
    "futures",
    "infrastructure",
    "input",
    "logging",
    "orion",
    "results",
    "runner",
    "runtime",
    "server",
    "settings",
    "states",
    "task_runners",
    "testing",
    "transactions",
    "types",
    "variables",
    "workers",
}


def signs_of_later_releases(file: str) -> "List[Sign]":
    """Imports, and decorators such as `@prefect.flow`, in the order of the source."""
    syntax = signs_in(file)
    if syntax is None:
        return []
    signs = list(imported_signs(syntax, NAMES, MODULES, OF))
    for node in syntax.of(ast.FunctionDef, ast.AsyncFunctionDef):
        for decorator in node.decorator_list:
            name = getattr(decorator, "func", decorator)
            if is_name_of_prefect(name, "flow", set()):
                signs.append(Sign(decorator.lineno, "@prefect.flow", OF, syntax.is_lazy(node)))
    return sorted(signs, key=lambda sign: sign.line)
