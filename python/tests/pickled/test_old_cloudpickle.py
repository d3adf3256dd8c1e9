"""Enums and abstract classes by value, which cloudpickle 0.6 to 1.2 can't handle."""

import pytest
from kit import flow_text

FILES = {
    "kinds.py": """
        import abc, enum, numbers
        class Color(enum.Enum):
            RED = 1
            GREEN = "g"
            def again(self): return Color(self.value)
            @property
            def low(self): return self.name.lower()
            @classmethod
            def default(cls): return cls.GREEN
        class Level(enum.IntEnum):
            LOW, HIGH = 1, 2
        class Bits(enum.Flag):
            A = enum.auto()
            B = enum.auto()
        class Text(str, enum.Enum):
            X = "x"
        class Outer:
            class Inner(enum.Enum):
                ONE = 1
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): pass
            def make(self): return Shape
        class Square(Shape):
            def area(self): return 4
        class Odd(numbers.Number):
            pass
    """,
    "flow.py": """
        from http import HTTPStatus
        from prefect import Flow, task
        import kinds
        from kinds import Color, Level, Bits, Text, Outer, Shape, Square
        RED = Color.RED
        @task
        def enums():
            assert RED is Color.RED is Color["RED"] is kinds.Color(1)
            assert Color.RED.again() is RED and Color.RED.low == "red"
            assert Color.default() is Color("g") and list(Color) == [RED, Color.GREEN]
            assert Level.HIGH > Level.LOW and isinstance(Level.HIGH, int)
            assert (Bits.A | Bits.B) & Bits.B is Bits.B and (Bits.A | Bits.B).value == 3
            assert Text.X == "x" and repr(Outer.Inner.ONE) == "<Inner.ONE: 1>"
            assert HTTPStatus.OK == 200 and HTTPStatus.__module__ == "http"
            return [type(RED).__qualname__, Outer.Inner.__qualname__, Color.__module__]
        @task
        def shapes():
            try:
                Shape()
            except TypeError as error:
                abstract = "abstract" in str(error)
            assert isinstance(Square(), Shape) and not isinstance("", Shape)
            assert not issubclass(Shape, Square) and Square().make() is Shape
            assert isinstance(kinds.Odd(), kinds.numbers.Number)
            Square.register(float)
            assert isinstance(1.0, Shape)
            return [abstract, Square().area()]
        with Flow("kinds") as flow:
            enums()
            shapes()
    """,
}


@pytest.fixture(scope="module")
def values(shared_workspace):
    result = shared_workspace.load(FILES, ["flow.py"])
    return shared_workspace.run_flows(result)["kinds"]


def test_enums_by_value_keep_members_methods_and_names(values):
    assert values["enums"] == ["Color", "Outer.Inner", "kinds"]


def test_abstract_classes_by_value_stay_abstract_and_know_their_subclasses(values):
    assert values["shapes"] == [True, 4]


def test_a_module_can_pickle_on_import_what_its_flows_can_pickle(workspace):
    pickled = "import pickle\nSIZE = pickle.loads(pickle.dumps(property(len)))\n"
    result = workspace.load({"a.py": pickled + flow_text("a")}, ["a.py"])
    assert [flow["name"] for flow in result["flows"]] == ["a"]
