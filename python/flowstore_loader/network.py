"""Calls of a network while modules are imported: they fail soon, and don't wait for retries."""

import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Seconds that all modules may wait for connections that failed. Prefect would wait 62 s for each.
PATIENCE = 8
TIMEOUT_COST = 5


def has_network() -> bool:
    """Whether this machine or container has any interface but loopback."""
    try:
        return any(not name.startswith("lo") for _, name in socket.if_nameindex())
    except (AttributeError, OSError):
        return True


def bound_retries() -> None:
    """Makes urllib3, which requests and Prefect use, give up early if nothing can be connected to.

    Without a network that is at once. An answer that urllib3 would retry is not affected.
    """
    retry_class: Any = getattr(sys.modules.get("urllib3.util.retry"), "Retry", None)
    errors = sys.modules.get("urllib3.exceptions")
    if retry_class is None or errors is None:
        return
    kinds = (errors.NewConnectionError, errors.ConnectTimeoutError)
    original, exhausted = retry_class.increment, errors.MaxRetryError
    left = float(PATIENCE if has_network() else 0)

    def increment(
        retry: "Any",
        method: "Any" = None,
        url: "Any" = None,
        response: "Any" = None,
        error: "Any" = None,
        _pool: "Any" = None,
        _stacktrace: "Any" = None,
    ) -> "Any":
        nonlocal left
        following = original(retry, method, url, response, error, _pool, _stacktrace)
        if isinstance(error, kinds):
            is_timeout = not isinstance(error, errors.NewConnectionError)
            left -= following.get_backoff_time() + (TIMEOUT_COST if is_timeout else 0)
            if left <= 0:
                raise exhausted(_pool, url, error)
        return following

    retry_class.increment = increment
