"""Fixtures of all tests."""

import sys

import pytest
from kit import Workspace

# Nothing may be left beside the modules of the loader that tests import.
sys.dont_write_bytecode = True


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory):
    """One for the tests of a file that look at one result."""
    return Workspace(tmp_path_factory.mktemp("shared"))
