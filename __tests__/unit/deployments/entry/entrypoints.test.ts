import { expect, test } from '@jest/globals'
import {
  flowOf,
  moduleFile,
  nearestEntrypoint
} from '../../../../src/deployments/entry/entrypoints.js'
import { deployable } from '../../../helpers/deployments.js'

const at = (entrypoint: string) => deployable('same name', {}, { entrypoint })
const FLOWS = [
  at('flows/orders.py:orders'),
  at('flows/orders.py:Jobs.nightly'),
  at('src/shop/daily.py:run'),
  at('shop.weekly:run'),
  at('pkg/__init__.py:main')
]

test.each([
  ['flows/orders.py:orders', 0],
  ['./flows/orders.py:orders', 0],
  ['flows/../flows//orders.py:orders', 0],
  ['/opt/prefect/shop/flows/orders.py:orders', 0],
  ['flows.orders.orders', 0],
  ['flows.orders:orders', 0],
  ['flows/orders.py:Jobs.nightly', 1],
  ['flows.orders:Jobs.nightly', 1],
  ['shop.daily.run', 2],
  ['shop.weekly.run', 3],
  ['shop.weekly:run', 3],
  ['pkg:main', 4],
  ['pkg.main', 4]
])('%s names the flow %d', (entrypoint, index) => {
  expect(flowOf(entrypoint, FLOWS, '/opt/prefect/shop')).toBe(FLOWS[index])
})

test.each([
  'flows/orders.py:Orders',
  'flows/orders.py:same name',
  'orders.py:orders',
  'same name',
  'orders',
  'flows/orders.py',
  // Two modules end so.
  'run'
])('%s names no flow', entrypoint => {
  expect(flowOf(entrypoint, FLOWS, '/opt/prefect/shop')).toBeUndefined()
})

test('the file of an entrypoint is known only if it is a path', () => {
  expect(moduleFile('./flows/a.py:f', '/opt/prefect/shop')).toBe('flows/a.py')
  expect(moduleFile('flows.a.f', '/opt/prefect/shop')).toBeUndefined()
})

test.each([
  ['a function of the same file', 'flows/orders.py:order', 'flows/orders.py:orders'],
  ['the flow whose name it has', 'flows/orders.py:orders by region', 'flows/orders.py:by_region'],
  ['a flow of another file', 'flow/customers.py:customers', 'flows/customers.py:customers'],
  ['nothing, if none is like it', 'etl/x.py:y', undefined]
])('the nearest entrypoint is %s', (_what, entrypoint, expected) => {
  const flows = [
    deployable('customers', {}, { entrypoint: 'flows/customers.py:customers' }),
    deployable('orders', {}, { entrypoint: 'flows/orders.py:orders' }),
    deployable('orders by region', {}, { entrypoint: 'flows/orders.py:by_region' })
  ]
  expect(nearestEntrypoint(entrypoint, flows, '/opt/prefect/shop')).toBe(expected)
})
