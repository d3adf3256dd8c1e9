"""Flows whose names are hard on paths, image layers and JSON; one of them has no slug at all."""

from prefect import Flow, task

NAMES = [
    "My Flow #1",
    "Über flöw",
    "日本 flow",
    "Straße",
    "a/b",
    "../evil",
    "it's",
    'say "hi"',
    "1,000 things",
    "v1.2.3",
    "🚀",
]


@task
def shout(text):
    return text.upper()


def make(name):
    with Flow(name) as flow:
        shout(name)
    return flow


flows = [make(name) for name in NAMES]
