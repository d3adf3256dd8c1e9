import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const SECRET = 'a-canary-of-these-tests'
const declared = ['--secrets', `canary=${SECRET}`]

/** What a run has put into a folder of a repository. */
const namesIn = (root: string, folder: string): readonly string[] =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []

await describeWithPrefect('0.5.4', 'a pickled flow that holds a declared secret', python => {
  test.each(['bytes', 'local'])(
    'is not stored (%s storage)',
    async storage => {
      const module = oneFlow('a').replace('return 1', `return ${JSON.stringify(SECRET)}`)
      const { root, flowstore } = field({ 'f.py': module })
      const folder = storage === 'local' ? ['--directory', 'kept'] : []
      const args = ['build', 'f.py', '--storage', storage, ...folder, '--python', python]
      const { code, text } = await flowstore([...args, ...declared])
      expect([code, text]).toEqual([2, expect.stringContaining('error SECRET_FOUND')])
      expect(text).toContain('flow "a"')
      expect(text).not.toContain(SECRET)
      expect([namesIn(root, '.flowstore'), namesIn(root, 'kept')]).toEqual([['failure.json'], []])
    },
    120_000
  )
})

const namedFlow = (name: string): string => `from prefect import flow


@flow(name=${name})
def orders():
    return 1
`

describeWith(['venv:3.9.1'], 'a result that holds a declared secret', bed => {
  const args = [
    ...['build', 'f.py', '--storage', 'local', '--directory', 'kept'],
    ...['--python', bed.venvs['3.9.1']]
  ]

  test('is not published, and the sources of the run before come back', async () => {
    const { root, flowstore, write } = field({ 'f.py': namedFlow('"orders"') })
    const first = await flowstore(args)
    expect([first.code, first.text]).toEqual([0, expect.anything()])
    const report = readFileSync(join(root, '.flowstore/report.json'), 'utf8')
    // Only in the name of the flow, when it is loaded.
    const [one, other] = [SECRET.slice(0, 9), SECRET.slice(9)]
    write('f.py', namedFlow(`"${one}" + "${other}"`))
    const { code, text } = await flowstore([...args, ...declared])
    expect([code, text]).toEqual([2, expect.stringContaining('error SECRET_FOUND')])
    expect(text).toContain('report.json')
    expect(text).not.toContain(SECRET)
    expect(readFileSync(join(root, '.flowstore/report.json'), 'utf8')).toBe(report)
    expect(readFileSync(join(root, 'kept/f.py'), 'utf8')).toBe(namedFlow('"orders"'))
    expect(readdirSync(root).filter(name => name.startsWith('kept'))).toEqual(['kept'])
  }, 120_000)

  test('is not made from sources that hold it', async () => {
    const notes = `token: ${SECRET}\n`
    const { root, flowstore } = field({ 'f.py': namedFlow('"orders"'), 'notes.txt': notes })
    const { code, text } = await flowstore([...args, ...declared])
    expect([code, text]).toEqual([2, expect.stringContaining('error SECRET_FOUND')])
    expect(text).toContain('the source notes.txt')
    expect([namesIn(root, '.flowstore'), namesIn(root, 'kept')]).toEqual([['failure.json'], []])
  }, 120_000)
})
