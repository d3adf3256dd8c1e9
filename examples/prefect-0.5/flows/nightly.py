"""A schedule, and a task that is tried again before it fails."""

from datetime import timedelta

from prefect import Flow, task
from prefect.schedules import CronSchedule


@task(max_retries=3, retry_delay=timedelta(seconds=10))
def read_sensor():
    return {"temperature": 21.5}


@task
def check(reading):
    if not -40 < reading["temperature"] < 60:
        raise ValueError("implausible reading: %r" % reading)
    return reading["temperature"]


with Flow("nightly sensor check", schedule=CronSchedule("0 2 * * *")) as flow:
    check(read_sensor())
