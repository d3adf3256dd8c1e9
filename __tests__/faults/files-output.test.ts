import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Files below a folder: path to content. */
const filesBelow = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name),
        readFileSync(join(parentPath, name), 'utf8')
      ])
  )

await describeWithPrefect('0.5.4', 'a run whose files can’t be published', python => {
  const build = ['build', 'f.py', '--storage', 'local', '--directory', 'flows', '--python', python]

  test('leaves the flow files and the result of the run before', async () => {
    const { root, flowstore, write } = field({ 'f.py': oneFlow('a') })
    const first = await flowstore(build)
    expect([first.code, first.text]).toEqual([0, expect.anything()])
    const output = join(root, '.flowstore')
    rmSync(join(output, 'storage.json'), { force: true })
    mkdirSync(join(output, 'storage.json'))
    const before = [filesBelow(output), filesBelow(join(root, 'flows'))]
    write('f.py', `${oneFlow('a')}    one()\n`)
    const second = await flowstore(build)
    expect([second.code, second.text]).toEqual([7, expect.stringContaining('WRITE_FAILED')])
    const { [join(output, 'failure.json')]: failure = '', ...kept } = filesBelow(output)
    expect([kept, filesBelow(join(root, 'flows'))]).toEqual(before)
    expect(JSON.parse(failure)).toMatchObject({ exitCode: 7, errors: [{ code: 'WRITE_FAILED' }] })
  }, 60_000)

  test('ends before any work if the output directory can’t be written to', async () => {
    const { root, flowstore } = field({ 'f.py': oneFlow('a'), file: '' })
    const { code, text } = await flowstore([...build, '--output-directory', 'file/out'])
    expect([code, text]).toEqual([7, expect.stringContaining("can't write to")])
    expect([readdirSync(root).sort(), text.includes('discover')]).toEqual([['f.py', 'file'], false])
  }, 60_000)

  test('keeps the result of an earlier run if a module fails, and says so in failure.json', async () => {
    const { root, flowstore, write } = field({ 'f.py': oneFlow('a') })
    await flowstore(build)
    const output = join(root, '.flowstore')
    const before = filesBelow(output)
    write('f.py', '1 / 0\n')
    const { code } = await flowstore(build)
    const { [join(output, 'failure.json')]: failure = '', ...kept } = filesBelow(output)
    expect([code, kept]).toEqual([3, before])
    expect(JSON.parse(failure)).toMatchObject({ errors: [{ code: 'MODULE_IMPORT' }] })
    write('f.py', oneFlow('a'))
    await flowstore(build)
    expect(Object.keys(filesBelow(output))).toEqual(Object.keys(before))
  }, 60_000)
})

const entrypointFlow = (result: number): string => `from prefect import flow


@flow
def orders():
    return ${result}
`

describeWith(['venv:3.9.1'], 'a run with sources whose files can’t be published', bed => {
  test.each(['kept', '.flowstore/sources'])(
    'leaves the sources of the run before, or no folder (%s)',
    async folder => {
      const { root, flowstore, write } = field({ 'f.py': entrypointFlow(1) })
      const args = ['build', 'f.py', '--storage', 'local', '--python', bed.venvs['3.9.1']]
      const build = () =>
        flowstore([...args, ...(folder === 'kept' ? ['--directory', folder] : [])])
      const output = join(root, '.flowstore')
      mkdirSync(join(output, 'storage.json'), { recursive: true })
      const refused = await build()
      expect([refused.code, refused.text]).toEqual([7, expect.stringContaining('WRITE_FAILED')])
      expect([existsSync(join(root, folder)), readdirSync(output).sort()]).toEqual([
        false,
        ['failure.json', 'storage.json']
      ])
      rmSync(join(output, 'storage.json'), { recursive: true })
      const first = await build()
      expect([first.code, first.text]).toEqual([0, expect.anything()])
      rmSync(join(output, 'storage.json'))
      mkdirSync(join(output, 'storage.json'))
      const before = [filesBelow(join(root, folder)), readdirSync(root), readdirSync(output)]
      write('f.py', entrypointFlow(2))
      const second = await build()
      expect([second.code, second.text]).toEqual([7, expect.stringContaining('WRITE_FAILED')])
      rmSync(join(output, 'failure.json'))
      expect([filesBelow(join(root, folder)), readdirSync(root), readdirSync(output)]).toEqual(
        before
      )
    },
    120_000
  )
})
