import type { CommitNames } from '../ci/index.js'
import { isTag } from '../registry/reference.js'
import { nearest } from '../util/text.js'

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

const NAMES = ['branch', 'sha', 'pr', 'version'] as const

/** What is wrong with a template, if anything. */
export function tagProblem(template: string): string[] {
  const unknown = [...template.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .filter(name => !NAMES.some(known => known === name))
  if (unknown.length > 0) {
    const near = nearest(unknown[0] ?? '', NAMES)
    return [
      `has a tag with '{{ ${unknown.join(' }}, {{ ')} }}'; there are ${NAMES.map(name => `{{ ${name} }}`).join(', ')}${near ? `; did you mean '${near}'?` : ''}`
    ]
  }
  return isTag(template.replace(PLACEHOLDER, 'x'))
    ? []
    : [`has '${template}', which is no tag: up to 128 letters, digits, . _ -, the first no . or -`]
}

/**
 * The tags that templates stand for. `{{ sha }}` is the first seven characters; characters that a tag
 * can't have become `-`.
 *
 * @returns the tags, each once, and the templates that have no value for this commit
 */
export function resolveTags(
  templates: readonly string[],
  commit: CommitNames
): { readonly tags: readonly string[]; readonly left: readonly string[] } {
  const tags = new Set<string>()
  const left: string[] = []
  for (const template of templates) {
    let whole = true
    const tag = template.replace(PLACEHOLDER, (_all, name: (typeof NAMES)[number]) => {
      const value = commit[name]
      whole &&= value !== undefined
      return (name === 'sha' ? value?.slice(0, 7) : value) ?? ''
    })
    const valid = tag
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 128)
    if (whole && isTag(valid)) tags.add(valid)
    else left.push(template)
  }
  return { tags: [...tags], left }
}
