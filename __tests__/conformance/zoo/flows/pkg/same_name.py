"""Flows with a name that a flow of another module has."""

from prefect import flow


@flow
def plain():
    return "the other"


@flow(name="Über flöw 日本 🚀")
def other_letters():
    return "other letters"


@flow(name="it's 100 years")
def punctuation():
    return "punctuation"
