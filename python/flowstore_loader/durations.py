"""How long the parts of a load take."""

import contextlib
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterator


@contextlib.contextmanager
def timed(name: str, durations: "Dict[str, float]") -> "Iterator[None]":
    """Puts the seconds of a block into `durations`, by its name."""
    start = time.perf_counter()
    try:
        yield
    finally:
        durations[name] = round(time.perf_counter() - start, 3)
