import { expect, test } from '@jest/globals'
import { parseDeployments } from '../../../src/deployments/document.js'
import { failures, plan } from '../../helpers/deployments.js'

test('what a build writes is read back', () => {
  const { document } = plan('', { workPool: 'docker' })
  expect(parseDeployments(JSON.stringify(document), 'deployments.json')).toEqual(document)
})

test.each([
  ['{', 'is not JSON'],
  ['[]', 'is no deployments.json'],
  ['{"type": "Docker"}', 'is no deployments.json: version'],
  ['{"version": 2}', 'is no deployments.json: version']
])('%s is refused', (text, words) => {
  const [failure] = failures(() => parseDeployments(text, 'old/deployments.json'))
  expect(failure?.text).toContain('STORAGE_INVALID old/deployments.json:')
  expect(failure?.text).toContain(words)
})
