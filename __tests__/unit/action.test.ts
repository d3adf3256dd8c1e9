import { expect, jest, test } from '@jest/globals'
import { runAction } from '../../src/action.js'
import { commandsIn } from '../helpers/commands.js'
import { repository } from '../helpers/flowstore.js'
import { capturePrinted } from '../helpers/printed.js'

const printed = capturePrinted()

/** What the Action printed that a CI service reads as a command, without its own groups and the outputs that it empties. */
async function commandsOf(
  inputs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = { 'flows.py': '' }
): Promise<string[]> {
  const cwd = repository(files)
  jest.spyOn(process, 'cwd').mockReturnValue(cwd)
  await runAction(inputs)
  return commandsIn(printed.text()).filter(
    line => !/^::(group::discover|endgroup::|set-output name=[a-z-]+::)$/.test(line)
  )
}

test('hostile values of inputs are in the annotations and no commands', async () => {
  const commands = await commandsOf({
    INPUT_FLOWS: '::set-output name=a::b',
    INPUT_STORAGE: 'x ##[add-mask]y',
    INPUT_INSTALLER: '\n::add-mask::x',
    INPUT_TAGS: '##vso[task.setvariable variable=a]b\n::error::c'
  })
  expect(commands.length).toBeGreaterThan(2)
  for (const line of commands) {
    expect(line).toMatch(/^::error title=flowstore%3A [A-Z]+_OPTION::the option '/)
    expect(line).not.toMatch(/##\w*\[/)
  }
})

test('the hostile name of a module is in the annotation and no command', async () => {
  expect(
    await commandsOf({
      INPUT_FLOWS: '::set-output name=a::##[add-mask].py',
      INPUT_STORAGE: 'memory'
    })
  ).toEqual([expect.stringMatching(/^::error title=flowstore%3A \w+::[^%]*# #\[add-mask]/)])
})

test('the hostile name of an artifact, which its client prints, is refused', async () => {
  expect(
    await commandsOf({
      INPUT_FLOWS: 'flows.py',
      INPUT_STORAGE: 'memory',
      'INPUT_ARTIFACT-NAME': 'x ##[add-mask]y'
    })
  ).toEqual([expect.stringContaining("the option 'artifact-name' has text that CI services read")])
})

test('annotations have paths from the workspace, whatever the working directory is', async () => {
  const commands = await commandsOf(
    {
      'INPUT_WORKING-DIRECTORY': 'teams/a',
      'INPUT_REQUIREMENTS-FILE': 'requirements.txt',
      INPUT_FLOWS: 'flows.py',
      INPUT_STORAGE: 'memory'
    },
    { 'teams/a/flows.py': '', 'teams/a/requirements.txt': '\n-r none.txt\n' }
  )
  expect(commands).toEqual([
    expect.stringMatching(
      /^::error title=flowstore%3A FILE_NOT_FOUND,file=teams\/a\/requirements\.txt,line=2::/
    )
  ])
})

test('a working directory that does not exist is an annotation', async () => {
  const commands = await commandsOf({
    'INPUT_WORKING-DIRECTORY': 'teams/b',
    INPUT_FLOWS: 'flows.py'
  })
  expect(commands).toEqual([
    expect.stringContaining("::the working-directory 'teams/b' does not exist")
  ])
})

test('each line of a secret is masked before it could be printed, and no message has one', async () => {
  const lines = ['-----BEGIN KEY-----', 'MIIEpAIBAAKC', 'short']
  const commands = await commandsOf(
    {
      INPUT_SECRETS: 'TOKEN=s3cret-t0ken-1234',
      'INPUT_SECRET-FILES': 'KEY=key.pem',
      INPUT_FLOWS: 's3cret-t0ken-1234.py\nMIIEpAIBAAKC.py',
      INPUT_STORAGE: 'memory',
      API_TOKEN: 'of-the-environment'
    },
    { 'key.pem': `${lines.join('\n')}\n` }
  )
  expect(commands).toEqual([
    ...['s3cret-t0ken-1234', '-----BEGIN KEY-----', 'MIIEpAIBAAKC', 'of-the-environment'].map(
      text => `::add-mask::${text}`
    ),
    expect.stringMatching(/^::error title=flowstore%3A MODULE_NOT_FOUND::.*'\*\*\*\.py'/),
    expect.stringMatching(/^::error title=flowstore%3A MODULE_NOT_FOUND::.*'\*\*\*\.py'/)
  ])
})
