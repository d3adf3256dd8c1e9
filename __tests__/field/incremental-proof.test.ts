import { appendFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { compareRecords } from '../../src/build/incremental/records.js'
import type { LoadedFlows } from '../../src/flows/load.js'
import type { ObservedBuild } from '../../src/build/incremental/verify.js'
import {
  compared,
  incrementalSession,
  resultOf,
  type AutoBuild,
  type Generation
} from '../helpers/incremental.js'
import { seeded, SeededRepository } from '../helpers/seeded-repository.js'
import { describeWith } from '../helpers/test-bed.js'

// `npm run proof:incremental` tries more.
const EDITS = Number(process.env['FLOWSTORE_EDITS'] ?? 12)
const SEED = Number(process.env['FLOWSTORE_SEED'] ?? 1)
/** A file for what was tried. */
const PROOF = process.env['FLOWSTORE_PROOF']
const EDITS_OF_ONE = 6
const LIMIT = 120_000 + EDITS * 10_000

describeWith(['venv:1.4.1', 'venv:3.9.1'], 'random edits of random repositories', bed => {
  const releases: ['1.4.1' | '3.9.1', Generation][] = [
    ['1.4.1', 'pickled'],
    ['3.9.1', 'entrypoints']
  ]
  test.each(releases)(
    'Prefect %s: what the records keep is what a load gives',
    async (release, generation) => {
      const session = await incrementalSession(bed.venvs[release])
      const count = {
        ...{ edits: 0, reused: 0, modules: 0, blindlyWrong: 0 },
        ...{ taken: 0, together: 0, interactions: 0 }
      }
      try {
        for (let seed = SEED; count.edits < EDITS; seed += 1) {
          const repository = new SeededRepository(seeded(seed), generation)
          session.write(repository.content)
          let before = await session.build()
          let { earlier } = await session.auto('there is none')
          for (let step = 0; step < EDITS_OF_ONE && count.edits < EDITS; step += 1) {
            const edit = repository.edit()
            session.write(repository.content)
            const now = await session.build()
            const { reused, loaded, wrong } = compared(before, now)
            expect({ seed, step, edit, wrong }).toEqual({ seed, step, edit, wrong: [] })
            count.edits += 1
            count.reused += reused.length
            count.modules += reused.length + loaded.size
            count.blindlyWrong += withoutKeys(before, now) > 0 ? 1 : 0
            before = now

            const built = await session.auto(earlier)
            const fresh = await session.auto('there is none')
            const at = { seed, step, edit }
            const alone = Object.assign({}, ...now.modules.map(({ flows }) => flows)) as object
            const isTogether = isLoadedTogether(fresh)
            expect({ ...at, ...withoutClosures(fresh.loaded) }).toEqual({
              ...at,
              ...withoutClosures(await session.off())
            })
            // What a module does to another that was taken, only a load of both can tell.
            const isUnseen = isTogether && !isLoadedTogether(built)
            count.interactions += isUnseen ? 1 : 0
            expect(isUnseen ? session.structures(built.loaded) : resultOf(built.loaded)).toEqual(
              isUnseen ? alone : resultOf(fresh.loaded)
            )
            await session.readsBack(built.loaded)
            count.taken += built.modules.taken
            count.together += isLoadedTogether(built) ? 1 : 0
            earlier = built.earlier
          }
        }
      } finally {
        await session.close()
      }
      const tried =
        `Prefect ${release}: ${count.edits} edits from seed ${SEED}, 0 wrong; ${count.reused} of ${count.modules} modules not loaded again; ${count.blindlyWrong} edits changed a flow that a record without a key would have kept; ` +
        `auto: ${count.taken} modules taken, ${count.together} edits after which all were loaded together, ${count.interactions} after which a module changed the flow of another that was taken\n`
      process.stderr.write(tried)
      if (PROOF !== undefined) appendFileSync(PROOF, tried)
      expect(count.reused).toBeGreaterThan(0)
      expect(count.blindlyWrong).toBeGreaterThan(0)
      expect(count.taken).toBeGreaterThan(0)
    },
    LIMIT
  )
})

/** As {@link resultOf}. A load of all says of a module that others import something in a way that can't be followed. */
const withoutClosures = ({ flows, ...rest }: LoadedFlows): object =>
  resultOf({
    ...rest,
    flows: flows.map(flow => ({ ...flow, closure: { files: [], data: [], open: null } }))
  })

const isLoadedTogether = ({ records }: AutoBuild): boolean => records?.together !== null

/** How many flows would be wrong if every record was used: so the comparison itself works. */
function withoutKeys(before: ObservedBuild, { modules }: ObservedBuild): number {
  const records = before.records.map(record => ({ ...record, key: '' }))
  const quiet = modules.map(module => ({ ...module, changes: null }))
  return compareRecords(records, quiet, () => '').wrong.length
}
