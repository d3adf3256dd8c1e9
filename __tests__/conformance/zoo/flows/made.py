"""Flows that no `def` below a decorator makes."""

import functools

from prefect import flow


@flow(name="original")
def original(n: int = 1):
    return n


copy = original.with_options(name="copy with options", retries=3)


def make(name, result):
    @flow(name=name)
    def made(suffix: str = ""):
        return result + suffix

    return made


first = make("made first", "1")
second = make("made second", "2")

listed = [make("in a list", "3")]
by_name = {"one": make("in a dict", "4")}


def shout(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs).upper()

    return wrapper


@flow(name="wrapper below flow")
@shout
def wrapped_below(text: str = "a"):
    return text


@shout
@flow(name="wrapper above flow")
def wrapped_above(text: str = "a"):
    return text


alias = original
