import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { DockerfileParser } from 'dockerfile-ast'
import fc from 'fast-check'
import { variableProblem } from '../../../../src/docker/dockerfile.js'
import { planDockerfile } from '../../../../src/environment/plan/plan.js'
import type { FlowstoreError } from '../../../../src/errors.js'
import { flowInstructions } from '../../../../src/image/flow-image.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'
import { fileName, foreignLine, foreignText } from '../../../helpers/foreign-text.js'
import { plan, WITH_PREFECT } from '../../../helpers/plans.js'

/** What a parser that shares no code with the writer reads: the keyword of each instruction. */
const keywordsOf = (dockerfile: string): string[] =>
  DockerfileParser.parse(dockerfile)
    .getInstructions()
    .map(instruction => instruction.getKeyword())

/** The texts of the first COPY, which is in JSON form. */
const copyIn = (dockerfile: string): string[] =>
  JSON.parse(
    DockerfileParser.parse(dockerfile).getCOPYs()[0]?.getRawArgumentsContent() ?? ''
  ) as string[]

/** What BuildKit makes of a word: `\` lets the next character stand for itself; `$` and quotes would mean something. */
function expanded(word: string): string {
  let text = ''
  for (let at = 0; at < word.length; at += 1) {
    const character = word[at] ?? ''
    if (`"'$`.includes(character)) throw new Error(`${character} is not escaped in ${word}`)
    if (character === '\\') at += 1
    text += word[at] ?? ''
  }
  return text
}

/** The only path that a pattern of Go's `filepath.Match` matches; without `[`, `*` and `?` it is the path itself. */
function matched(pattern: string): string {
  if (!/[[*?]/.test(pattern)) return pattern
  if (/(?<!\[)[*?]/.test(pattern)) throw new Error(`${pattern} matches more than one path`)
  return pattern.replace(
    /\\\\|\[([[*?])\]/g,
    (whole, one: string | undefined) => one ?? whole.slice(1)
  )
}

test('no name of a file and no destination is more than one COPY of that path', async () => {
  await fc.assert(
    fc.asyncProperty(
      fileName,
      fc.array(fileName, { minLength: 1, maxLength: 3 }),
      async (name, parts) => {
        fc.pre(!name.startsWith('.wh.') && !parts.some(part => part.startsWith('.wh.')))
        // This parser sees a here-document also in a quoted path; the docker suite has BuildKit copy such a file.
        fc.pre(![name, ...parts].some(part => part.includes('<<')))
        const root = temporaryFolder()
        writeFileSync(join(root, name), '')
        const destination = `/${parts.join('/')}`
        const files = [{ source: name, destination }]
        const dockerfile = planDockerfile(await plan({ base: WITH_PREFECT, files }, root))
        expect(keywordsOf(dockerfile)).toEqual(['FROM', 'ENV', 'COPY', 'RUN'])
        const [from = '', to = ''] = copyIn(dockerfile)
        expect([matched(expanded(from)), expanded(to)]).toEqual([`files/0/${name}`, destination])
      }
    ),
    { numRuns: 60 }
  )
})

test('no value of a variable is another instruction, and each is read as it is', async () => {
  const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, foreignLine, { minKeys: 1, maxKeys: 4 }),
      async envVars => {
        const own = Object.fromEntries(
          Object.entries(envVars).filter(([key]) => key !== 'PYTHONPATH')
        )
        const dockerfile = planDockerfile(await plan({ base: WITH_PREFECT, envVars: own }))
        expect(keywordsOf(dockerfile)).toEqual(['FROM', 'ENV', 'RUN'])
        const [env] = DockerfileParser.parse(dockerfile).getENVs()
        const names = env?.getProperties().map(property => property.getName())
        expect(names).toEqual(expect.arrayContaining(Object.keys(own)))
        for (const [key, value] of Object.entries(own)) {
          expect(dockerfile).toContain(`${key}="${value.replace(/[\\"$]/g, '\\$&')}"`)
        }
      }
    ),
    { numRuns: 40 }
  )
})

test('a variable whose name or value could end the line is refused', () => {
  fc.assert(
    fc.property(foreignText, foreignText, (name, value) => {
      const isSafe = /^[A-Za-z_]\w*$/.test(name) && !/[\r\n\0]/.test(value)
      expect(variableProblem(name, value) === undefined).toBe(isSafe)
    })
  )
})

test('no requirement is another instruction, or a word of the shell', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(foreignLine, { minLength: 1, maxLength: 3 }), async lines => {
      const planned = await plan({ base: WITH_PREFECT, lines }).catch(() => undefined)
      // Most texts are no requirements, which is an error. The others are only in a file.
      if (planned === undefined) return
      const dockerfile = planDockerfile(planned)
      const keywords = keywordsOf(dockerfile).filter(keyword => keyword !== 'RUN')
      expect(keywords).toEqual(['FROM', 'ENV'])
    }),
    { numRuns: 60 }
  )
})

test('no location of a flow is more than one COPY of its folder', () => {
  fc.assert(
    fc.property(fileName, fileName, (folder, name) => {
      const files = new Map([[`/opt/${folder}/${name}`, Buffer.from('')]])
      const { instructions, context } = flowInstructions({ files, trees: [], flowCount: 1 }, [])
      const dockerfile = ['FROM a', ...instructions].join('\n')
      expect(keywordsOf(dockerfile)).toEqual(['FROM', 'COPY'])
      const [from, to = ''] = copyIn(dockerfile)
      expect([from, expanded(to)]).toEqual(['flows/0/', `/opt/${folder}/`])
      expect(context.map(({ path }) => path)).toEqual([`flows/0/${name}`])
    })
  )
})

test('no command changes an instruction before or after it', async () => {
  const textsOf = (dockerfile: string) =>
    DockerfileParser.parse(dockerfile)
      .getInstructions()
      .map(instruction => instruction.getTextContent())
  const own = textsOf(planDockerfile(await plan({ base: WITH_PREFECT })))
  const command = fc
    .tuple(fc.constantFrom('RUN true ', 'LABEL a=', ''), foreignLine, fc.constantFrom('', '\\'))
    .map(parts => parts.join('').trim())
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 3 }), async commands => {
      // A here-document that does not end fails the build.
      fc.pre(!commands.some(line => line === '' || line.startsWith('#') || line.includes('<<')))
      const recipe = { base: WITH_PREFECT, extraCommands: commands }
      const planned = await plan(recipe).catch((error: FlowstoreError) => error.code)
      const texts =
        typeof planned === 'object' ? textsOf(planDockerfile(planned)) : [...own, planned]
      const isRefused = commands.at(-1)?.endsWith('\\') === true
      expect([texts.slice(0, own.length - 1), texts.at(-1)]).toEqual([
        own.slice(0, -1),
        isRefused ? 'INVALID_OPTION' : own.at(-1)
      ])
    }),
    { numRuns: 60 }
  )
})
