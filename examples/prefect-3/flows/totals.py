"""Helpers that flows of several folders use."""


def total(amounts: list[float], minimum: float) -> float:
    return sum(amount for amount in amounts if amount >= minimum)
