import { expect, test } from '@jest/globals'
import { rulesFor } from '../../../src/prefect/releases.js'
import { flowFile } from '../../../src/storage/file.js'
import { flowOf } from '../../helpers/flows.js'

const flow = flowOf('1.4.1')

test('the file of a flow is its pickle before Prefect 0.14.3', () => {
  expect(flowFile(flow, rulesFor('0.14.2'))).toEqual(flow.bytes)
})

test('the file of a flow is JSON with the pickle and its versions since Prefect 0.14.3', () => {
  expect(flowFile(flow, rulesFor('0.14.3')).toString()).toBe(
    `{"flow": "${flow.bytes.toString('base64')}", "versions": {"cloudpickle": "1.1.1", "prefect": "1.4.1", "python": "3.7.16"}}`
  )
})
