import { expect, test } from '@jest/globals'
import { splitCommands } from '../../../../src/environment/plan/commands.js'

const FOLDERS = ['/opt/flowstore', '/root/.prefect']

test('commands that name no folder of the flows all run before the flows are added', () => {
  const lines = [
    'RUN apt-get update',
    'RUN echo /opt/flowstore-tools /srv/opt/flowstore /opt/flowstore.d',
    '# /srv only'
  ]
  expect(splitCommands(lines, FOLDERS)).toEqual({ early: lines, late: [] })
})

test.each(['/opt/flowstore', '"/opt/flowstore/"', '/opt/flowstore/x.py', 'A=/root/.prefect:x'])(
  'a command with %s and all commands after it run after the flows are added',
  text => {
    const lines = ['ENV A=1', `RUN ls ${text}`, 'RUN true']
    expect(splitCommands(lines, FOLDERS)).toEqual({ early: ['ENV A=1'], late: lines.slice(1) })
  }
)

test.each(['~/.prefect/flows', '$HOME/.prefect', '${HOME}/.prefect'])(
  'the folder of the user root is recognised as %s',
  text => {
    expect(splitCommands([`RUN ls ${text}`], FOLDERS).late).toHaveLength(1)
  }
)

test('an instruction of several lines remains one instruction', () => {
  const lines = [
    'RUN echo \\',
    '# a comment between',
    '  /opt/flowstore',
    'RUN <<-EOF cat',
    '/root/.prefect',
    '\tEOF',
    'RUN last'
  ]
  expect(splitCommands(lines, FOLDERS)).toEqual({
    early: [],
    late: [lines.slice(0, 3).join('\n'), lines.slice(3, 6).join('\n'), 'RUN last']
  })
  expect(splitCommands(lines, ['/nowhere']).early).toHaveLength(3)
})

test('build arguments are declared again for the commands that run after the flows are added', () => {
  expect(splitCommands(['ARG A=1', 'RUN one', 'RUN ls /opt/flowstore'], FOLDERS)).toEqual({
    early: ['ARG A=1', 'RUN one'],
    late: ['ARG A=1', 'RUN ls /opt/flowstore']
  })
})

test.each([['RUN one \\'], ['RUN one', 'ENV A=1 \\'], ['RUN one \\', '# a comment']])(
  'a last line that continues is an error: the instruction after it would be lost (%s)',
  (...lines) => {
    expect(() => splitCommands(lines, FOLDERS)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(
          "'extra-dockerfile-commands' ends with a line that continues"
        )
      })
    )
  }
)
