"""Orders to totals by region: parameters, a mapped task, a reduction."""

from prefect import Flow, Parameter, task

ORDERS = [
    {"id": 1, "region": " North ", "amount": "120.50"},
    {"id": 2, "region": "south", "amount": "80"},
    {"id": 3, "region": "NORTH", "amount": "19.99"},
    {"id": 4, "region": "east", "amount": "not a number"},
]


@task
def extract(limit):
    return ORDERS[:limit]


@task
def clean(order):
    try:
        amount = float(order["amount"])
    except ValueError:
        return None
    return {"region": order["region"].strip().lower(), "amount": amount}


@task
def totals(orders, minimum):
    by_region = {}
    for order in orders:
        if order is not None:
            by_region[order["region"]] = by_region.get(order["region"], 0) + order["amount"]
    return {region: total for region, total in by_region.items() if total >= minimum}


with Flow("orders by region") as flow:
    limit = Parameter("limit", default=4)
    minimum = Parameter("minimum", default=0)
    totals(clean.map(extract(limit)), minimum)


if __name__ == "__main__":
    flow.run()
