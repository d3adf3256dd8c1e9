import { expect, test } from '@jest/globals'
import { flowlessNotice, noFlow, riskNotice } from '../../../src/flows/messages.js'

const PATH = { kind: 'path' as const, name: 'conf/a.yml', flows: ['one'], file: 'a.py', line: 3 }

test('the warning about a relative path has a line for files, if there is an image', () => {
  expect(riskNotice(PATH, true).message).toMatch(
    /or copy the file into the image, such as with `files: conf\/a\.yml:\/srv\/conf\/a\.yml`, and read it by its path there$/
  )
  expect(riskNotice(PATH, false).message).toMatch(/or read the file when the module is loaded$/)
})

const builder = (name: string, ...seen: readonly string[]) => ({
  file: `${name}.py`,
  seen: [...seen],
  factories: []
})

test('the notice about modules that would build flows has a sentence for each of the first five', () => {
  const modules = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(name =>
    builder(name, 'the class `A` builds a flow')
  )
  expect(flowlessNotice(modules)?.message).toMatch(
    /^no flow is stored from 7 modules\. In a\.py, the class `A` builds a flow\. In b\.py, .* In e\.py, the class `A` builds a flow\. 2 more modules do\. To store such a flow, /
  )
})

test('what builds flows in one module is a sentence each', () => {
  const module = builder('a', 'the function `f` builds a flow', 'line 3 builds a flow')
  expect(flowlessNotice([module])?.message).toMatch(
    /^no flow is stored from a\.py\. The function `f` builds a flow\. Line 3 builds a flow\. To store .* To leave the module out, add the line !a\.py to flows\.$/
  )
  expect(noFlow([], [module]).detail).toBe(
    'In a.py, the function `f` builds a flow, and line 3 builds a flow.'
  )
})
