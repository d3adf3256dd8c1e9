"""What in a module's source is of Prefect 1 and earlier."""

import ast

from ..import_statements import literal_text
from ..other_generation import (
    Sign,
    first_argument,
    imported_signs,
    is_name_of_prefect,
    names_of,
    signs_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Set

    from ..syntax import Syntax

OF = "Prefect 1 and earlier"
NAMES = {
    "Client",
    "Parameter",
    "apply_map",
    "case",
    "client.Secret",
    "config",
    "flatten",
    "mapped",
    "models",
    "resource_manager",
    "schedules.CronSchedule",
    "schedules.IntervalSchedule",
    "schedules.OneTimeSchedule",
    "tasks.Task",
}
MODULES = {
    "agent",
    "backend",
    "client.secrets",
    "configuration",
    "contrib",
    "core",
    "engine.cache_validators",
    "engine.cloud",
    "engine.executors",
    "engine.flow_runner",
    "engine.result",
    "engine.result_handlers",
    "engine.results",
    "engine.serializers",
    "engine.signals",
    "engine.state",
    "engine.task_runner",
    "environments",
    "executors",
    "run_configs",
    "schedules.adjustments",
    "schedules.clocks",
    "schedules.filters",
    "schedules.schedules",
    "serialization.flow",
    "storage",
    "triggers",
    "utilities.backend",
    "utilities.configuration",
    "utilities.context",
    "utilities.debug",
    "utilities.diagnostics",
    "utilities.edges",
    "utilities.executors",
    "utilities.graphql",
    "utilities.logging",
    "utilities.notifications",
    "utilities.storage",
    "utilities.tasks",
}
TASK_LIBRARY = {
    "airtable",
    "aws",
    "azure",
    "control_flow",
    "core",
    "databricks",
    "dbt",
    "docker",
    "files",
    "gcp",
    "github",
    "great_expectations",
    "kubernetes",
    "mysql",
    "notifications",
    "postgres",
    "prefect",
    "redis",
    "secrets",
    "shell",
    "snowflake",
    "sql_server",
    "templates",
}
MODULES |= {"tasks." + name for name in TASK_LIBRARY}


def signs_of_earlier_releases(file: str) -> "List[Sign]":
    """Imports, `with Flow(...)`, and flows that are made with a name, in the source's order."""
    syntax = signs_in(file)
    if syntax is None:
        return []
    signs = [*imported_signs(syntax, NAMES, MODULES, OF), *signs_of_flows(syntax)]
    return sorted(signs, key=lambda sign: sign.line)


def signs_of_flows(syntax: "Syntax") -> "Iterator[Sign]":
    variables = names_of(syntax, "Flow")

    def makes_flow(node: "Any") -> bool:
        return isinstance(node, ast.Call) and is_name_of_prefect(node.func, "Flow", variables)

    blocks = syntax.of(ast.With, ast.AsyncWith)
    heads = [item.context_expr for node in blocks for item in node.items]
    with_flow = {id(head): head for head in heads if makes_flow(head)}
    for head in with_flow.values():
        yield Sign(head.lineno, "with Flow(", OF, syntax.is_lazy(head))
    for node in syntax.of(ast.Call):
        if id(node) not in with_flow and makes_flow(node) and is_of_name_alone(node):
            yield Sign(node.lineno, f'Flow("{first_argument(node)}")', OF, syntax.is_lazy(node))


def is_of_name_alone(call: ast.Call) -> bool:
    """Whether a call makes a flow of a name, and not of a function."""
    given: Set[Any] = {word.arg for word in call.keywords}
    if call.args:
        return literal_text(call.args[0]) is not None
    return first_argument(call) is not None and given.isdisjoint({"fn", None})
