import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'
import { OPTION_NAMES } from '../../../../src/options/values/names.js'
import { asFlags } from '../../../../src/options/values/notation.js'

test.each([
  [
    'Load the flows in the image (load-in: image).',
    'Load the flows in the image (--load-in image).'
  ],
  ['or set push: false.', 'or set --no-push.'],
  ['set local-image: true', 'set --local-image'],
  ["'assemble: append' needs a push", "'--assemble append' needs a push"],
  ['Required with `push`.', 'Required with `--push`.'],
  ['set `python` to a path', 'set `--python` to a path'],
  ["the option 'python' is required", "the option '--python' is required"],
  ["the option 'flows' is required", 'the argument FLOWS is required'],
  ['set the option storage to store it', 'set the option --storage to store it'],
  ["Did you mean 'push'?", "Did you mean '--push'?"],
  ['Set registry-url to the registry.', 'Set --registry-url to the registry.'],
  ['`prefect-version: 1.4.1`', '`--prefect-version 1.4.1`']
])('%j names its options as flags', (text, flags) => {
  expect(asFlags(text)).toBe(flags)
})

test.each([
  "the module 'python' is not installed",
  'another push: the tag moved',
  'the image ghcr.io/acme/base-image:1 is gone',
  "no file 'my-base-image.txt'",
  'see docs/load-in.md, or --load-in image',
  'flow "image-name" failed',
  'Did you mean --no-push?',
  '`prefect work-pool ls` lists those that exist',
  'such as `python:3.6` for 0.5.4',
  'stored in its subdirectory `flows`'
])('%j stays as it is', text => {
  expect(asFlags(text)).toBe(text)
})

/** The texts in a file of `src/`, values in them as `…`. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const texts: string[] = []
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text)
    if (ts.isTemplateExpression(node)) {
      texts.push(
        node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
      )
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return texts
}

/** The texts in quotes in a file of the loader. */
const pythonTexts = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/"([^"\n]*)"/g)].map(([, text = '']) => text)

const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(folder, file))

test('no text of the command line has an option as YAML', () => {
  const texts = [
    ...filesOf('src', '.ts').flatMap(textsOf),
    ...filesOf('python/flowstore_loader', '.py').flatMap(pythonTexts)
  ].filter(text => /\s/.test(text))
  const names = OPTION_NAMES.join('|')
  const yaml = new RegExp(
    `(?<![\\w-])(${names}): ?(true|false|auto|image|runner|docker|local|pip|uv|append|build|merge|error)\\b`
  )
  const bare = new RegExp(
    `\\b[Ss]et (${names})\\b|(?<![\\w/."$@{-]|\\bprefect )(${OPTION_NAMES.filter(name => name.includes('-')).join('|')})(?![\\w-]|[./:=]\\w)`
  )
  const marked = texts.filter(text => yaml.test(text) || bare.test(text))
  expect(marked.length).toBeGreaterThan(20)
  expect(marked.map(asFlags).filter(text => yaml.test(text) || bare.test(text))).toEqual([])
})
