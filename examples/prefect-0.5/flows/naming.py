"""A flow that needs a package beyond Prefect: inflection, from requirements.txt."""

import inflection
from prefect import Flow, Parameter, task


@task
def table_name(model):
    return inflection.tableize(model)


with Flow("table names") as flow:
    table_name.map(Parameter("models", default=["OrderLine", "Customer"]))
