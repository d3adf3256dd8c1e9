import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'

const RETRIES = `import datetime
from prefect import Flow, task


@task
def first():
    return 1


@task(max_retries=2, retry_delay=datetime.timedelta(seconds=1))
def second(value):
    return value


with Flow("retries") as flow:
    second(first())
`

await describeWithPrefect('1.4.1', 'the healthcheck', python => {
  test('repeats what Prefect says of a retry without a result', async () => {
    const { flowstore } = field({ 'flow.py': RETRIES })
    const ended = await flowstore(['build', 'flow.py', '--storage', 'bytes', '--python', python])
    expect([ended.code, ended.text]).toEqual([
      0,
      expect.stringContaining(
        'warning: flow "retries": Task <Task: second> has retry settings but some upstream dependencies do not have result types.'
      )
    ])
  }, 60_000)
})
