from datetime import datetime, timedelta

from prefect import Flow, task
from prefect.schedules import IntervalSchedule


@task(max_retries=2, retry_delay=timedelta(seconds=1), tags=["flaky"])
def read_sensor():
    return 21.5


@task
def check(value):
    if value > 100:
        raise ValueError(value)


schedule = IntervalSchedule(start_date=datetime(2030, 1, 1), interval=timedelta(days=1))

with Flow("nightly", schedule=schedule) as nightly:
    sensor = read_sensor()
    done = check(20.0)
    done.set_upstream(sensor)
