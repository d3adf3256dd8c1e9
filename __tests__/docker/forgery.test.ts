import { expect, test } from '@jest/globals'
import { flowstore, freshName, oneFlow, repository, run } from '../helpers/flowstore.js'
import { forgingModule, type Ending } from '../helpers/forging.js'
import { digestOf } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000

/** Has Python know no function of the C library, as where it can't load it. */
const WITHOUT_PRCTL = `import ctypes


class Library(ctypes.CDLL):
    def __init__(self, name, *args, **kwargs):
        if name is None:
            raise OSError('there is no such library')
        super().__init__(name, *args, **kwargs)


ctypes.CDLL = Library
`

/** A module that writes another one beside the packages; its flow holds a function of that. */
const LEAVES_A_FILE = `import importlib
import os
import site
from prefect import Flow, task

with open(os.path.join(site.getsitepackages()[0], 'left_by_a_module.py'), 'w') as file:
    file.write('def one(): return 1')
importlib.invalidate_caches()
HELD = importlib.import_module('left_by_a_module').one

with Flow('needs it') as flow:
    task(lambda: HELD, name='one')()
`

describeWith(
  ['docker', 'registry', 'prefect:1.4.1'],
  'modules that try to forge the healthcheck',
  bed => {
    /** A base image with one more instruction. */
    async function baseWith(instruction: string, files: Readonly<Record<string, string>> = {}) {
      const tag = `flowstore-test:forgery-${digestOf(instruction).slice(7, 15)}`
      const folder = repository({
        ...files,
        Dockerfile: `FROM ${bed.prefectBase}\n${instruction}\n`
      })
      const env = { ...process.env, DOCKER_BUILDKIT: '0' }
      const made = await run('docker', ['build', '-q', '-t', tag, folder], folder, env)
      expect(made).toMatchObject({ code: 0 })
      return tag
    }

    /**
     * Builds one module on a base image that the daemon has, loads it in a container, and pushes it: what is pushed is
     * checked in the session that loaded it.
     */
    const build = (base: string, module: string) =>
      flowstore(
        [
          ...['build', 'flows/', '--base-image', base, '--local-image', '--load-in', 'image'],
          ...['--registry-url', bed.registry.url, '--image-name', freshName('forgery')]
        ],
        repository({ 'flows/module.py': module })
      )

    test.each<[string, Ending, RegExp]>([
      ['root', 'raise ValueError(1)', /flow "ways: " does not load back/],
      ['root', 'os._exit(0)', /flow "ways: " does not load back: it ended Python with exit code 0/],
      ['another user', 'raise ValueError(1)', /flow "ways: " does not load back/],
      [
        'another user',
        'os._exit(0)',
        /flow "ways: " does not load back: it ended Python with exit code 0/
      ]
    ])(
      'in a container of %s, a flow that does `%s` when it is read is refused',
      async (user, end, words) => {
        const base = user === 'root' ? bed.prefectBase : await baseWith('USER 1234')
        const { code, stdout, stderr } = await build(base, forgingModule(end))
        expect(stdout + stderr).toMatch(words)
        expect(code).not.toBe(0)
      },
      LIMIT
    )

    test(
      'a flow that needs a file which its module left in the container is checked in a new one, and refused',
      async () => {
        const { code, stderr } = await build(bed.prefectBase, LEAVES_A_FILE)
        expect([code, stderr]).toEqual([5, expect.stringContaining('Modules may have changed /')])
        expect(stderr).toMatch(/flow "needs it" does not load back: [^]*left_by_a_module/)
      },
      LIMIT
    )

    test(
      'a session that can not be sealed from its modules leaves the check to a new container',
      async () => {
        const base = await baseWith(
          'COPY sitecustomize.py /tmp/\nRUN cp /tmp/sitecustomize.py "$(python -c \'import site; print(site.getsitepackages()[0])\')"',
          { 'sitecustomize.py': WITHOUT_PRCTL }
        )
        const said = 'Modules may have changed more than can be checked'
        const good = await build(base, oneFlow('good'))
        expect([good.code, good.stderr]).toEqual([0, expect.stringContaining(said)])
        const forged = await build(base, forgingModule('raise ValueError(1)'))
        expect([forged.code, forged.stderr]).toEqual([5, expect.stringContaining(said)])
        expect(forged.stderr).toMatch(/flow "ways: .*" does not load back/)
      },
      LIMIT
    )
  }
)
