import { parseBuildKwargs, type BuildKwargs } from '../../docker/build-kwargs.js'
import { isRegistry, isTag, parseReference } from '../../registry/reference.js'
import { noHost } from '../../registry/registries.js'
import { isExclusion } from '../../sources/path-matcher.js'
import { sourceLineProblem } from '../../sources/source-rules.js'
import * as z from '../../util/schema.js'
import { isOneLine, nearest } from '../../util/text.js'
import { parsePlatform, platformProblem } from '../../util/platform.js'
import { textLines } from './lines.js'
import { tagProblems } from './tags.js'
import { parseLoadVariables, parseSecretFiles, parseSecrets, parseVariables } from './env-vars.js'
import { parseAnnotations, parseLabels } from './labels.js'

// Each reads the text of an option; the message of an issue follows `the option 'name' `.

export const untrimmed = z.string()

const trimmed = untrimmed.trim()

export const text = trimmed.refine(isOneLine, 'must be one line without control characters')

export const lines = trimmed.transform(textLines)

const isPackageName = (name: string): boolean => /^[a-z\d](?:[\w.-]*[a-z\d])?$/i.test(name)

/** The name of a package, an extra or a dependency group. */
export const packageName = text.refine(isPackageName, 'is not the name of a package')

/** Names of extras or of dependency groups. */
export const packageNames = lines.superRefine((list, context) => {
  for (const name of list.filter(each => !isPackageName(each))) {
    context.addIssue({
      code: 'custom',
      message: `has '${name}', which is not a name: write one per line`
    })
  }
})

/** Lines that name flow modules, and lines that leave some of them out. */
export const flowModules = lines
  .refine(list => list.length > 0, 'lists no flow module')
  .refine(
    list => list.length === 0 || !list.every(isExclusion),
    'has only exclusions; add a line that says what to load, such as flows/'
  )

export const boolean = trimmed
  .toLowerCase()
  .refine(value => ['true', 'false'].includes(value), 'must be true or false')
  .transform(value => value === 'true')

/** A whole number from 1. */
export const count = trimmed
  .refine(value => /^[1-9]\d{0,8}$/.test(value), 'must be a whole number from 1, such as 300')
  .transform(Number)

const UNITS = { m: 2 ** 20, g: 2 ** 30 } as const

/** Python with Prefect takes up to this many bytes itself. */
const LEAST_MEMORY = 256 * UNITS.m

/** Bytes, written as in `512m` or `4g`. */
export const memory = trimmed
  .toLowerCase()
  .refine(value => /^\d{1,9}[mg]$/.test(value), 'must be a number with m or g, such as 512m or 4g')
  .transform(value => Number(value.slice(0, -1)) * UNITS[value.slice(-1) as keyof typeof UNITS])
  .refine(
    bytes => bytes >= LEAST_MEMORY,
    'is too little for Python and Prefect: write at least 256m'
  )

/**
 * One of several words.
 *
 * @param find the word that a text means; default the same word
 */
export const choice = <T extends string>(
  choices: readonly T[],
  find: (text: string) => T | undefined = value => choices.find(word => word === value)
) =>
  trimmed.transform((value, context): T => {
    const found = find(value)
    if (found !== undefined) return found
    const near = nearest(value, choices)
    context.addIssue({
      code: 'custom',
      message: `is '${value}', not one of ${choices.join(', ')}${near ? `; did you mean '${near}'?` : ''}`
    })
    return z.NEVER
  })

/** A tag, or a reference of an image. */
export const tagOrImage = text.refine(value => {
  if (isTag(value)) return true
  try {
    return parseReference(value).repository !== ''
  } catch {
    return false
  }
}, 'is neither a tag nor an image reference')

/** Hosts of registries, with or without a port. */
export const registryHosts = lines.superRefine((list, context) => {
  for (const line of list.filter(each => !isRegistry(each))) {
    context.addIssue({ code: 'custom', message: noHost(line) })
  }
})

/** Templates of tags. */
export const tags = lines.superRefine((list, context) => {
  for (const message of list.flatMap(tagProblems)) context.addIssue({ code: 'custom', message })
})

/** Lines of paths and patterns, with `!`. */
export const sourceLines = lines.superRefine((list, context) => {
  for (const line of list) {
    const message = sourceLineProblem(line)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  }
})

/** Lines KEY=VALUE. */
export const variables = trimmed.transform((value, context) => {
  const parsed = parseVariables(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.variables
})

/** Lines KEY=VALUE, or KEY alone, whose value is null. */
export const loadVariables = trimmed.transform((value, context) => {
  const parsed = parseLoadVariables(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.variables
})

/** Lines KEY=VALUE for labels. */
export const labels = trimmed.transform((value, context) => {
  const parsed = parseLabels(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.labels
})

/** Lines KEY=VALUE for annotations, with levels or without. */
export const annotations = trimmed.transform((value, context) => {
  const parsed = parseAnnotations(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.annotations
})

/** Lines ID=VALUE, or ID alone, whose value is null. */
export const secrets = trimmed.transform((value, context) => {
  const parsed = parseSecrets(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.variables
})

/** Lines ID=PATH. */
export const secretFiles = trimmed.transform((value, context) => {
  const parsed = parseSecretFiles(value)
  for (const message of parsed.problems) context.addIssue({ code: 'custom', message })
  return parsed.variables
})

/** Platforms, separated by commas or line breaks: `os/architecture` each, sorted, each once. */
export const platforms = lines.transform((list, context): readonly string[] => {
  const names = list
    .flatMap(line => line.split(','))
    .map(name => name.trim())
    .filter(name => name !== '')
  const problems = names.map(platformProblem).filter(problem => problem !== undefined)
  for (const problem of problems) {
    context.addIssue({ code: 'custom', message: `is wrong: ${problem}` })
  }
  return problems.length > 0 ? z.NEVER : [...new Set(names.map(parsePlatform))].sort()
})

/** `build_kwargs` as a JSON object. */
export const buildKwargs = trimmed.transform((value, context): BuildKwargs => {
  const parsed = parseBuildKwargs(value)
  if (typeof parsed !== 'string') return parsed
  context.addIssue({ code: 'custom', message: parsed })
  return z.NEVER
})
