import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, jest, test } from '@jest/globals'
import { runCli } from '../../src/cli.js'
import { commandsIn } from '../helpers/commands.js'
import { repository } from '../helpers/flowstore.js'
import { capturePrinted } from '../helpers/printed.js'

const printed = capturePrinted()
let cwd: string

beforeEach(() => {
  cwd = repository({})
  jest.spyOn(process, 'cwd').mockImplementation(() => cwd)
})

const HOSTILE = 'x\n::set-output name=a::b ##[add-mask]y'
const BUILD = ['build', 'flows.py', '--storage', 'memory']

test.each([
  ['command', [HOSTILE]],
  ['name of an option', ['build', '--##[add-mask]y']],
  ['module', ['build', HOSTILE, '--storage', 'memory']],
  ['storage', ['build', 'flows.py', '--storage', HOSTILE]],
  ['tag', ['build', 'flows.py', '--tags', HOSTILE]],
  ['file of requirements', [...BUILD, '--requirements-file', HOSTILE]],
  ['line of requirements', [...BUILD, '--requirements-file', 'requirements.txt']],
  ['path of a storage', ['run', HOSTILE]],
  ['parameter of a run', ['run', 'storage.json', '--param', `a=${HOSTILE}`]]
])('a hostile %s is an error and no command to the CI service', async (_name, args) => {
  writeFileSync(join(cwd, 'flows.py'), '')
  writeFileSync(join(cwd, 'requirements.txt'), '-r x##[add-mask]y')
  await runCli(args, {})
  expect(printed.text()).toMatch(/^error [A-Z_]+: .*(# #\[add-mask]|not JSON)/m)
  expect(commandsIn(printed.text())).toEqual([])
})

test('hostile names in a storage are no commands to the CI service', async () => {
  const flows = { [HOSTILE]: '', '::error::b': '' }
  const storage = { type: 'Bytes', flows, __version__: '0.5.4' }
  writeFileSync(join(cwd, 'storage.json'), JSON.stringify(storage))
  await runCli(['run', 'storage.json'], {})
  expect(printed.text()).toContain(
    'The storage has: x ::set-output name=a::b # #[add-mask]y, ::error::b.'
  )
  expect(commandsIn(printed.text())).toEqual([])
})
