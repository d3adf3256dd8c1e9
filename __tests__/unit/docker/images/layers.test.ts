import { expect, test } from '@jest/globals'
import { LayerProgress } from '../../../../src/docker/images/layers.js'

const MB = 1_000_000

test('a pull says the bytes and the layers that have come', () => {
  const layers = new LayerProgress()
  expect(layers.add({ id: '3.9', status: 'Pulling from library/python' })).toBeUndefined()
  layers.add({ id: 'a', status: 'Already exists' })
  layers.add({ id: 'b', status: 'Pulling fs layer' })
  expect(layers.add({ id: 'c', status: 'Pulling fs layer' })).toBe('1 of 3 layers')
  layers.add({ id: 'b', status: 'Downloading', current: 5 * MB, total: 20 * MB })
  expect(layers.add({ id: 'c', status: 'Downloading', current: 40 * MB, total: 100 * MB })).toBe(
    '45 of 120 MB, 1 of 3 layers'
  )
  layers.add({ id: 'b', status: 'Download complete' })
  layers.add({ id: 'b', status: 'Extracting', current: 1 * MB, total: 20 * MB })
  expect(layers.add({ id: 'b', status: 'Pull complete' })).toBe('60 of 120 MB, 2 of 3 layers')
})

test('a push says the bytes and the layers that the registry has', () => {
  const layers = new LayerProgress()
  layers.add({ id: 'a', status: 'Preparing' })
  layers.add({ id: 'b', status: 'Waiting' })
  layers.add({ id: 'b', status: 'Layer already exists' })
  // The total of a push is an estimate.
  expect(layers.add({ id: 'a', status: 'Pushing', current: 1_500_000, total: 1_200_000 })).toBe(
    '1.5 of 1.5 MB, 1 of 2 layers'
  )
  expect(layers.add({ id: 'a', status: 'Pushed' })).toBe('1.5 of 1.5 MB, 2 of 2 layers')
})
