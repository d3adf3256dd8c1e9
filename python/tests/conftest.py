"""Fixtures of all tests."""

import os
import sys

import prefect
import pytest
from kit import Workspace

from flowstore_loader.releases import is_since

# No bytecode may be left next to the modules of the loader that tests import.
sys.dont_write_bytecode = True

# What no generation is needed for.
COMMON = ("generation", "limits", "probe", "protocol")


def ignored_tests(version):
    """The tests whose flows are of another generation than the installed release."""
    if is_since(version, "2.0.0"):
        here = os.path.dirname(os.path.abspath(__file__))
        common = [f"test_{name}.py" for name in COMMON]
        files = [n for n in os.listdir(here) if n.startswith("test_") and n not in common]
        return ["pickled", *files]
    # `prefect register --json` reads flows from this release on.
    registers = is_since(version, "0.14.13")
    return ["entrypoints"] + ([] if registers else ["pickled/test_registration.py"])


collect_ignore = ignored_tests(prefect.__version__)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory):
    """A workspace that the tests of a file share, because they check the same result."""
    return Workspace(tmp_path_factory.mktemp("shared"))
