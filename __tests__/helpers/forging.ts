/** What a flow does when it is read: a Python statement. */
export type Ending = 'raise ValueError(1)' | 'os._exit(0)'

/**
 * A module whose flow does not load back. It tries to answer the healthcheck itself, and its flow has the ways in its name
 * that were open to it.
 */
export const forgingModule = (end: Ending): string => `import ctypes
import json
import os
import re
import time
from prefect import Flow, task

OUTPUT = os.path.join(os.path.dirname(os.environ['HOME']), 'out')
NEXT = 1
if not os.path.isdir(OUTPUT):
    # In a container, the sources were the first request.
    OUTPUT, NEXT = '/flowstore/out', 2
SESSION = os.getppid()
TOKEN = re.compile(b'flowstore-[0-9a-f]{24}')

def opened(name, attempt):
    try:
        return [name] if attempt() else []
    except Exception:
        return []

def reaches_descriptors():
    for number in range(32):
        try:
            os.close(os.open(f'/proc/{SESSION}/fd/{number}', os.O_WRONLY))
            return True
        except OSError:
            pass

def traces():
    libc = ctypes.CDLL(None)
    traced = libc.ptrace(16, SESSION, 0, 0) == 0
    if traced:
        os.waitpid(SESSION, 0x40000000)
        libc.ptrace(17, SESSION, 0, 0)
    return traced

def finds_token():
    return TOKEN.search(open(f'/proc/{SESSION}/cmdline', 'rb').read())

WAYS = [
    *opened('descriptors', reaches_descriptors),
    *opened('memory', lambda: open(f'/proc/{SESSION}/mem', 'rb').close() is None),
    *opened('environment', lambda: open(f'/proc/{SESSION}/environ', 'rb').close() is None),
    *opened('trace', traces),
    *opened('token', finds_token),
]
NAME = 'ways: ' + ' '.join(WAYS)
CHECKED = {
    'name': NAME, 'ok': True, 'error': None, 'missingModule': None, 'detail': None,
    'warnings': [], 'refused': None, 'unserializable': None, 'details': None,
}
RESULT = {'protocol': 14, 'action': 'check', 'flows': [CHECKED], 'storageError': None}

def answer():
    for number in range(NEXT, 5):
        folder = os.path.join(OUTPUT, str(number))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, 'result.json'), 'w') as file:
            json.dump(RESULT, file)

answer()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (0, 1, 2):
            os.close(number)
        for _ in range(2000):
            try:
                answer()
            except OSError:
                pass
            time.sleep(0.005)
    os._exit(0)

class Broken:
    def __reduce__(self):
        return exec, ('import os; ${end}',)

BROKEN = Broken()

with Flow(NAME) as flow:
    task(lambda: BROKEN, name='one')()
`
