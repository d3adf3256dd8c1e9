"""How a process of the loader ends."""

import os
import textwrap

from kit import flow_text


def test_threads_and_exit_handlers_of_modules_neither_delay_nor_fail_the_run(workspace):
    text = """
        import atexit, os, threading, time
        print("printed by the module")
        threading.Thread(target=time.sleep, args=(300,)).start()
        atexit.register(lambda: os._exit(7))
    """
    workspace.load({"flow.py": textwrap.dedent(text) + flow_text("a")}, ["flow.py"])


def test_a_keyboard_interrupt_ends_the_run(workspace):
    workspace.write({"flow.py": "raise KeyboardInterrupt"})
    ended = workspace.loader(workspace.load_request(["flow.py"]))
    assert (ended.returncode, ended.stderr) == (
        130,
        "\x1e0/1 flow.py\x1e\nflowstore_loader: interrupted\n",
    )
    assert not os.path.exists(os.path.join(workspace.output, "result.json"))
