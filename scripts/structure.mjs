// Draws the rooms of src/ and their imports, as dependency-cruiser finds them.
import { cruise } from 'dependency-cruiser'
import config from '../.dependency-cruiser.cjs'

/** Files that every room imports. Their arrows would only hide the others. */
const EVERYWHERE = '^src/(util/|(errors|log|version|paths|report|bundle)\\.ts)'

/** The rooms that each room imports. */
async function roomImports() {
  const { output } = await cruise(['src'], {
    ...config.options,
    collapse: '^src/[^/]+',
    exclude: EVERYWHERE
  })
  const rooms = new Map(output.modules.map(({ source }) => [source, new Set()]))
  for (const { source, dependencies } of output.modules) {
    for (const { resolved } of dependencies) {
      if (resolved !== source) rooms.get(source)?.add(resolved)
    }
  }
  return rooms
}

/** Every room that a room imports, directly or through others. */
function reached(rooms, from, seen = new Set()) {
  for (const to of rooms.get(from) ?? []) {
    if (seen.has(to)) continue
    seen.add(to)
    reached(rooms, to, seen)
  }
  return seen
}

const label = room => room.replace(/^src\//, '')

/**
 * The rooms as a Mermaid flowchart. An arrow that other arrows imply is left out.
 */
export async function structurePicture() {
  const rooms = await roomImports()
  const arrows = [...rooms].flatMap(([from, tos]) =>
    [...tos]
      .filter(to => ![...tos].some(other => other !== to && reached(rooms, other).has(to)))
      .map(to => `  ${label(from)} --> ${label(to)}`)
  )
  return ['```mermaid', 'flowchart TD', ...arrows.sort(), '```'].join('\n')
}
