"""Finds the values of variables for the load alone in what is stored of a flow."""

from json import dumps as json_dumps

from .unpicklable import path_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    Dumps = Callable[[Any], bytes]

# A shorter value may be there by chance.
SHORTEST = 6


class RevealedVariables:
    """Notes the variables whose values are in flows: `{variable, flow, where}` of each."""

    def __init__(self, variables: "Dict[str, str]") -> None:
        self.variables = {n: value for n, value in variables.items() if len(value) >= SHORTEST}
        self.found: List[Dict[str, str]] = []

    def in_pickle(self, flow: "Any", content: bytes, dumps: "Dumps") -> None:
        """Looks in a flow's pickle; `dumps` pickles a part of it."""
        for name, value in self.variables.items():
            forms = {text.encode("utf-8", "surrogateescape") for text in (value, in_json(value))}

            def is_found(part: "Any", forms: "Any" = forms) -> bool:
                try:
                    pickled = dumps(part)
                except Exception:
                    return False
                return any(form in pickled for form in forms)

            if any(form in content for form in forms):
                self._add(name, flow, path_to(flow, is_found) or "its pickle")

    def in_fields(self, flow: "Any", fields: "Dict[str, Any]", where: str) -> None:
        """Looks in the JSON of fields; `where` is the place that has them."""
        for name, value in self.variables.items():
            for field, content in fields.items():
                if in_json(value) in (content if isinstance(content, str) else json_dumps(content)):
                    self._add(name, flow, f"{field} in {where}")

    def _add(self, variable: str, flow: "Any", where: str) -> None:
        where = where.replace(self.variables[variable], "***")
        row = {"variable": variable, "flow": flow.name, "where": where}
        if row not in self.found:
            self.found.append(row)


def in_json(value: str) -> str:
    return json_dumps(value)[1:-1]
