import { expect, test } from '@jest/globals'
import {
  entrypointPython,
  pathAfter,
  shellPython
} from '../../../../src/environment/base/started-python.js'
import { serveDaemon } from '../../../helpers/daemon-server.js'

test.each([
  ['alone', 'token /usr/bin/python\n', '/usr/bin/python'],
  ['after a banner', 'Welcome\ntoken /a b/python\r\nbye\n', '/a b/python'],
  ['not yet complete', 'token /usr/bin/pyth', undefined],
  ['of another run', 'other /usr/bin/python\n', undefined],
  ['in the words of an error', "error: no such command 'token /usr/bin/python'\n", undefined],
  ['empty', 'token \n', undefined]
])('the path is read from a line that is %s', (_, output, path) => {
  expect(pathAfter(output, 'token')).toBe(path)
})

/** What a daemon is asked to create; it refuses all. */
async function asked(ask: (daemon: Parameters<typeof entrypointPython>[0]) => Promise<unknown>) {
  const bodies: { Entrypoint?: string[]; Cmd: string[] }[] = []
  const { daemon } = await serveDaemon((request, response) => {
    request.on('data', chunk => bodies.push(JSON.parse(String(chunk)) as (typeof bodies)[number]))
    request.on('end', () => response.writeHead(500).end('{"message":"no"}'))
  })
  return { answer: await ask(daemon), bodies }
}

test('the image’s own ENTRYPOINT gets python, then python3', async () => {
  const { answer, bodies } = await asked(daemon => entrypointPython(daemon, 'a'))
  expect(answer).toBeUndefined()
  expect(bodies.map(({ Entrypoint, Cmd }) => [Entrypoint, Cmd[0], Cmd[1]])).toEqual([
    [undefined, 'python', '-c'],
    [undefined, 'python3', '-c']
  ])
})

test('a SHELL gets the command as one argument, and replaces the ENTRYPOINT', async () => {
  const { bodies } = await asked(daemon => shellPython(daemon, 'a', ['bash', '-lc']))
  expect(bodies[0]).toMatchObject({
    Entrypoint: ['bash'],
    Cmd: ['-lc', expect.stringMatching(/^python -c '.*' flowstore-\w+$/)]
  })
})
