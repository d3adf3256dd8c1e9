import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { mergeModuleStorages } from '../../../src/build/load/module-storages.js'
import * as rules from '../../../src/options/module-rules.js'
import { parseBuild } from '../../../src/commands/build.js'
import { helpText } from '../../../src/commands/help.js'
import {
  ENTRIES,
  fullDescription,
  OPTION_KEYS,
  optionName,
  prefectName
} from '../../../src/options/values/names.js'
import { checkOptions, inputTexts, type Options } from '../../../src/options/options.js'
import type { OptionKey } from '../../../src/options/schema.js'
import { storageOptions } from '../../../src/options/storage-options.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const cwd = temporaryFolder()

/** A valid text of an option, other than its default. */
function exampleOf(key: OptionKey): string {
  const { kind, choices, default: value, example, mustExist } = ENTRIES[key]
  const byKind = kind === 'boolean' ? String(value === 'false') : (choices?.at(-1) ?? 'x')
  const text = example ?? byKind
  if (mustExist !== undefined) {
    const path = join(cwd, text)
    mkdirSync(mustExist.kind === 'folder' ? path : dirname(path), { recursive: true })
    if (mustExist.kind === 'file') writeFileSync(path, '')
  }
  return text
}

/** Options to which any one other can be added. */
const baseFor = (key: OptionKey) => ({
  flows: 'a.py',
  push: 'false',
  path: '/srv/flow.py',
  ...(ENTRIES[key].needs === 'local' ? { storage: 'local' } : {}),
  ...(key === 'platforms' ? { push: 'true', 'registry-url': 'r.io' } : {}),
  ...(key === 'attach' ? { push: 'true', 'registry-url': 'r.io' } : {}),
  ...(key === 'register' ? { 'compare-with': 'registered' } : {})
})

const optionsWith = (key: OptionKey, text = exampleOf(key)): Options =>
  checkOptions({ ...baseFor(key), [optionName(key)]: text }, cwd)

const input = (name: string) => `INPUT_${name.toUpperCase()}`

const documented = readFileSync('docs/options.md', 'utf8')
const { inputs } = parse(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>
}

test('action.yml has no other inputs, in the order of the schema', () => {
  expect(Object.keys(inputs)).toEqual(OPTION_KEYS.map(optionName))
})

describe.each(OPTION_KEYS)('%s', key => {
  const entry = ENTRIES[key]
  const name = optionName(key)
  const text = exampleOf(key)

  test('is an input of the Action', () => {
    const env = Object.fromEntries(
      Object.entries({ ...baseFor(key), [name]: text }).map(([option, value]) => [
        input(option),
        value
      ])
    )
    const options = checkOptions(inputTexts(env), cwd)
    expect(options).toEqual(optionsWith(key))
    expect(options.nonDefault).toContain(name)
  })

  test('is a flag of the CLI', () => {
    expect(parseBuild([`--${name}`, text]).options).toMatchObject({ [name]: text })
    expect(parseBuild([`--${name}=${text}`]).options).toMatchObject({ [name]: text })
    const [positive, negative] =
      entry.kind === 'boolean'
        ? [parseBuild([`--${name}`]).options, parseBuild([`--no-${name}`]).options]
        : [{ [name]: 'true' }, { [name]: 'false' }]
    expect([positive[name], negative[name]]).toEqual(['true', 'false'])
  })

  test('is in --help, action.yml and docs/options.md', () => {
    const isAction = entry.group === 'Artifact' || key === 'flows'
    expect(helpText(['build', 'all']).includes(`  --${name} `)).toBe(!isAction)
    const { description, required = false, default: value } = inputs[name] ?? { description: '' }
    expect([description.trim(), required, value]).toEqual([
      fullDescription(key),
      entry.required ?? false,
      entry.default
    ])
    expect(documented).toMatch(new RegExp(`^\\| \`${name}\` .*\\|$`, 'm'))
  })
})

/** A value of an option as a storage in a module has it. */
function moduleValue(key: OptionKey): unknown {
  const { files, ...options } = optionsWith(key)
  if (key === 'files') return Object.fromEntries(files.map(file => [file.source, file.destination]))
  if (key === 'healthcheck') return true
  return options[key as Exclude<keyof typeof options, 'nonDefault'>]
}

const mergeable = OPTION_KEYS.filter(key => ENTRIES[key].module !== undefined)

describe.each(mergeable)('%s, set by a module', key => {
  const merge = ENTRIES[key].module?.(rules).merge
  const name = optionName(key)
  const isLocal = ENTRIES[key].needs === 'local'
  const without = checkOptions(
    { flows: 'a.py', push: 'false', ...(isLocal ? { storage: 'local' } : {}) },
    cwd
  )
  const flow = {
    name: 'f',
    module: 'f.py',
    line: 1,
    storage: {
      type: isLocal ? 'Local' : 'Docker',
      options: { [prefectName(key)]: moduleValue(key) }
    },
    runImage: null
  }
  const field = (options: Options) => JSON.stringify(options[key as keyof Options])
  const taken = mergeModuleStorages(without, [flow], () => true)

  test('is used if the option is not given, unless modules may never set it', () => {
    const example = { ...without, ...pick(optionsWith(key), key) }
    expect(field(taken.options)).toBe(field(merge === 'never' ? without : example))
    expect(taken.notices.length).toBe(merge === 'never' || merge === 'agree' ? 1 : 0)
  })

  test('does not replace an option that is given', () => {
    const given = { ...without, nonDefault: [name] }
    const merged = mergeModuleStorages(given, [flow], () => true)
    const wins = merge === 'replace' || merge === 'never' || merge === 'agree'
    expect(field(merged.options)).toBe(field(wins ? given : taken.options))
    expect(merged.notices.length).toBe(wins ? 1 : 0)
  })
})

function pick(options: Options, key: OptionKey): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name === key))
}

test('the loader reads what modules may set, and secrets', () => {
  expect(storageOptions()).toEqual([...mergeable.map(prefectName), 'secrets'])
})
