"""Fixtures of all tests."""

import sys

import prefect
import pytest
from kit import Workspace

from flowstore_loader.releases import is_since

# No bytecode may be left next to the modules of the loader that tests import.
sys.dont_write_bytecode = True

# `prefect register --json` reads flows from this release on; others have nothing to test there.
collect_ignore = (
    [] if is_since(prefect.__version__, "0.14.13") else ["pickled/test_registration.py"]
)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory):
    """A workspace that the tests of a file share, because they check the same result."""
    return Workspace(tmp_path_factory.mktemp("shared"))
