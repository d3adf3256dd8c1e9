"""A flow whose tasks call a helper module of the repository."""

from prefect import Flow, Parameter, task

from reporting import money
from reporting.money import rounded


@task
def net(amounts):
    return rounded(sum(amounts))


@task
def line(amount):
    return money.euros(amount)


with Flow("invoice") as flow:
    line(net(Parameter("amounts", default=[9.99, 20.005])))
