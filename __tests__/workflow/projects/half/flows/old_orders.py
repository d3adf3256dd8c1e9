"""Still a flow of Prefect 1."""

from prefect import Flow, Parameter, task


@task
def double(n):
    return n * 2


with Flow("old orders") as flow:
    double(Parameter("n", default=1))
