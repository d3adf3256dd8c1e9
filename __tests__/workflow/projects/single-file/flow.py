"""A whole project in one file, as a first flow is written."""

from prefect import flow, task


@task
def greet(name):
    return "hello " + name


@flow(log_prints=True)
def hello(name: str = "world"):
    print(greet(name))


if __name__ == "__main__":
    hello()
