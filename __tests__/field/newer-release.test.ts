import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { NEWEST_PREFECT } from '../../src/prefect/releases.js'
import { field } from '../helpers/field.js'
import { mustRun, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** A release that the table of releases does not have. */
const RELEASE = '3.99.0'

const ORDERS = `from prefect import flow

@flow
def orders(limit: int = 3):
    pass
`

const PREFECT_YAML = `deployments:
  - name: default
    entrypoint: flows/orders.py:orders
    parameters: {limit: 5}
    schedules: [{cron: "0 5 * * *"}]
    work_pool: {name: machine}
`

const FACTS =
  'import sys, sysconfig; print(sys._base_executable); print(sysconfig.get_path("purelib"))'

/** An interpreter with the packages of another, whose Prefect says that it is another release. */
async function interpreterOf(release: string, python: string, real: string): Promise<string> {
  const [base = '', packages = ''] = (await mustRun(python, ['-c', FACTS])).split('\n')
  const venv = dirname(dirname(python))
  const folder = temporaryFolder()
  const copied = packages.replace(venv, folder)
  mkdirSync(copied, { recursive: true })
  writeFileSync(join(copied, 'others.pth'), packages)
  mkdirSync(join(folder, 'bin'))
  symlinkSync(base, join(folder, 'bin/python'))
  cpSync(join(venv, 'pyvenv.cfg'), join(folder, 'pyvenv.cfg'))
  const change = (from: string, to: string, file: string) => {
    cpSync(join(packages, from), join(copied, to), { recursive: true, preserveTimestamps: true })
    const path = join(copied, to, file)
    writeFileSync(path, readFileSync(path, 'utf8').replace(real, release))
  }
  change('prefect', 'prefect', '_build_info.py')
  change(`prefect-${real}.dist-info`, `prefect-${release}.dist-info`, 'METADATA')
  return join(folder, 'bin/python')
}

describeWith(
  ['venv:3.9.1'],
  'a release of Prefect that is newer than this version of flowstore',
  bed => {
    test('is loaded, checked and stored like the newest one that is known, with a notice', async () => {
      const python = await interpreterOf(RELEASE, bed.venvs['3.9.1'], '3.9.1')
      const files = field({ 'flows/orders.py': ORDERS, 'prefect.yaml': PREFECT_YAML })
      const built = await files.flowstore([
        ...['build', 'flows', '--storage', 'local', '--python', python],
        ...['--prefect-version', RELEASE]
      ])
      expect([built.code, built.text]).toEqual([0, expect.any(String)])
      const notice = `Prefect ${RELEASE} is newer than ${NEWEST_PREFECT}, the newest release that this version of flowstore knows`
      expect(built.text.split(notice)).toHaveLength(2)
      const read = (name: string): unknown =>
        JSON.parse(readFileSync(join(files.root, '.flowstore', name), 'utf8'))
      expect(read('storage.json')).toMatchObject({
        __version__: RELEASE,
        flows: { orders: 'flows/orders.py:orders' }
      })
      expect(read('deployments.json')).toMatchObject({
        prefect: RELEASE,
        deployments: [{ flow: 'orders', body: { parameters: { limit: 5 }, schedules: [{}] } }]
      })
    }, 180_000)
  }
)
