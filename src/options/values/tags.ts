import type { CommitNames } from '../../ci/index.js'
import { isTag } from '../../registry/reference.js'
import { nearest } from '../../util/text.js'

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

const NAMES = ['branch', 'sha', 'pr', 'version'] as const
type Name = (typeof NAMES)[number]

const isName = (text: string): text is Name => NAMES.some(name => name === text)

const placeholder = (name: string): string => `{{ ${name} }}`

/** The problems of a tag template. */
export function tagProblems(template: string): string[] {
  const names = [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
  const [unknown, ...more] = names.filter(name => !isName(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, NAMES)
    const hint = near === undefined ? '' : `; did you mean '${near}'?`
    const wrong = [unknown, ...more].map(placeholder).join(', ')
    return [
      `has a tag with '${wrong}'; the placeholders are ${NAMES.map(placeholder).join(', ')}${hint}`
    ]
  }
  return isTag(template.replace(PLACEHOLDER, 'x'))
    ? []
    : [
        `has '${template}', which is not a tag: use up to 128 letters, digits, . _ - and begin with neither . nor -`
      ]
}

/** Fills a template with the names of a commit; undefined if one has no value or the result is not a tag. */
function resolveTag(template: string, commit: CommitNames): string | undefined {
  let isComplete = true
  const text = template.replace(PLACEHOLDER, (_all, name: Name) => {
    const value = name === 'sha' ? commit.sha?.slice(0, 7) : commit[name]
    if (value === undefined) isComplete = false
    return value ?? ''
  })
  const tag = text
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 128)
  return isComplete && isTag(tag) ? tag : undefined
}

/**
 * Fills tag templates for a commit. `{{ sha }}` gives seven characters; characters that a tag can't have
 * become `-`.
 *
 * @returns the tags, each once, and the templates without a value for this commit
 */
export function resolveTags(
  templates: readonly string[],
  commit: CommitNames
): { readonly tags: readonly string[]; readonly left: readonly string[] } {
  const resolved = templates.map(template => ({ template, tag: resolveTag(template, commit) }))
  return {
    tags: [...new Set(resolved.flatMap(({ tag }) => tag ?? []))],
    left: resolved.filter(({ tag }) => tag === undefined).map(({ template }) => template)
  }
}
