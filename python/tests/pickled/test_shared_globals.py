"""Functions of modules by value, and the attributes of those modules."""

import pytest
from kit import flow_calling

from flowstore_loader.pickled.shared_globals import can_share_globals


def test_functions_of_a_module_by_value_work_after_it_is_pickled_again(workspace):
    config = "WORDS = ['x']\ndef count(): return len(WORDS)"
    body = "[len(__import__('cloudpickle').dumps(config)) > 1, config.count()]"
    files = {"config.py": config, "a.py": flow_calling("a", "import config", body)}
    assert workspace.values(workspace.load(files, ["a.py"])) == {"a": [True, 1]}


def test_a_module_by_value_has_its_functions_globals_as_attributes(workspace):
    if not can_share_globals():
        pytest.skip("this cloudpickle gives functions globals of their own")
    config = """
        BUCKET = None

        def load(environment):
            global BUCKET
            BUCKET = "bucket-" + environment

        def get():
            return BUCKET
    """
    body = "config.load('prod') or (config.BUCKET, setattr(config, 'BUCKET', 1), config.get())"
    files = {"config.py": config, "a.py": flow_calling("a", "import config", body)}
    result = workspace.load(files, ["a.py"], "value")
    assert workspace.values(result) == {"a": ["bucket-prod", None, 1]}
