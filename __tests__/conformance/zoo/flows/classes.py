"""Methods of a class. What can be addressed depends on the release."""

from prefect import flow


class Reports:
    @staticmethod
    @flow(name="static method over flow")
    def static_over_flow():
        return "static"

    @classmethod
    @flow(name="class method over flow")
    def class_over_flow(cls):
        return "class"

    @flow(name="instance method")
    def method(self):
        return "instance"


reports = Reports()
