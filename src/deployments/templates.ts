import type { YamlNode, YamlScalar } from './yaml.js'

/** As `prefect.utilities.templating` finds them. */
export const PLACEHOLDER = /\{\{\s*([\w.\-[\]$]+)\s*\}\}/g

/** What fills a placeholder: a step of a file, or Prefect itself when it registers or runs. */
const PREFECT_FILLS = /^(?:\$|prefect\.blocks\.|prefect\.variables\.|ctx\.)/

/** The names in the placeholders of a text, such as `build-image.tag` or `$STAGE`. */
const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)

/** Whether a text has a placeholder; its value is known only when Prefect has filled it. */
export const isTemplated = (value: unknown): boolean =>
  typeof value === 'string' && placeholders(value).length > 0

/** The placeholders of a text that a step of the file would fill. */
export const stepPlaceholders = (text: string): readonly string[] =>
  placeholders(text).filter(name => !PREFECT_FILLS.test(name))

/** Every text of a node, the node itself included. */
export function* scalars(node: YamlNode): Generator<YamlScalar> {
  if (node.kind === 'scalar') yield node
  else if (node.kind === 'list') for (const item of node.items) yield* scalars(item)
  else for (const { value } of node.entries.values()) yield* scalars(value)
}
