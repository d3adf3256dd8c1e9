"""Prices of the shop's goods, read from a file beside this module."""

import csv
from pathlib import Path

PRICES = Path(__file__).parent / "prices.csv"


def prices() -> dict[str, float]:
    with PRICES.open(newline="") as file:
        return {row["item"]: float(row["price"]) for row in csv.DictReader(file)}
