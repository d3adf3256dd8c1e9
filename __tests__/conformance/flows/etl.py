from prefect import Flow, Parameter, Task, task


@task
def extract(count):
    return list(range(count))


class Scale(Task):
    def __init__(self, factor, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def run(self, number):
        return number * self.factor


@task
def load(numbers, target):
    assert numbers == [0, 10, 20, 30], numbers
    return "%d rows to %s" % (len(numbers), target)


with Flow("etl with mapping") as flow:
    numbers = extract(Parameter("count", default=4))
    load(Scale(10, name="scale").map(numbers), Parameter("target", default="lake"))
