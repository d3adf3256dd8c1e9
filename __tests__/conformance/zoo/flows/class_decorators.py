"""A flow around a static or class method, which older releases refuse."""

from prefect import flow


class Exports:
    @flow(name="flow over static method")
    @staticmethod
    def flow_over_static():
        return "static"

    @flow(name="flow over class method")
    @classmethod
    def flow_over_class(cls):
        return "class"
