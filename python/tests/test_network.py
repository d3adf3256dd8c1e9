"""Calls of a network while modules are imported."""

TEXT = """
    import time
    import requests
    from urllib3.util.retry import Retry
    from prefect import Flow
    flow = Flow('f')
    session = requests.Session()
    retries = Retry(total=6, backoff_factor=1)
    session.mount('http://', requests.adapters.HTTPAdapter(max_retries=retries))
    start = time.time()
    try: session.get('http://127.0.0.1:1/')
    except requests.ConnectionError as error: print(error)
    assert time.time() - start < 20, 'all retries'
"""


def test_retries_of_a_connection_that_fails_end_early(workspace):
    workspace.load({"a.py": TEXT}, ["a.py"])
