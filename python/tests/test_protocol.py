"""What the loader does with invalid requests and incomplete deliveries."""

import os
import re

import pytest
from kit import BOOT, DELIVERY


def test_a_request_with_another_protocol_is_refused(workspace):
    ended = workspace.loader({"protocol": 1, "action": "probe"})
    assert ended.returncode == 1
    assert re.search(r"\Aflowstore_loader: .*protocol 1.*\n\Z", ended.stderr)
    assert not os.path.exists(workspace.output)


def test_a_missing_request_is_a_one_line_error(workspace):
    ended = workspace.python(["-c", BOOT, "once"], workspace.folder, DELIVERY)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("mode", ["once", "session"])
def test_an_incomplete_delivery_ends_the_loader(workspace, mode):
    ended = workspace.python(["-c", BOOT, mode], workspace.folder, DELIVERY[:1000])
    assert ended.returncode == 1, ended.stderr
