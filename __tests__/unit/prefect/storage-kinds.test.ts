import { expect, test } from '@jest/globals'
import { rulesFor } from '../../../src/prefect/releases.js'
import {
  kindOfClass,
  kindOfWord,
  OTHER_STORAGE_CLASSES,
  STORAGE_KINDS
} from '../../../src/prefect/storage-kinds.js'

test.each([
  ['Docker', 'docker'],
  ['Local', 'local'],
  ['LocalStorage', 'local'],
  ['Memory', 'memory'],
  ['Bytes', 'bytes'],
  ['S3', undefined],
  ['docker', undefined],
  ['constructor', undefined]
])('Prefect’s class %s is the kind %s', (className, kind) => {
  expect(kindOfClass(className)).toBe(kind)
})

test.each([
  ['docker', 'docker'],
  ['Docker', 'docker'],
  ['LOCAL', 'local'],
  ['LocalStorage', 'local'],
  ['memory', 'memory'],
  ['Bytes', 'bytes'],
  ['s3', undefined],
  ['constructor', undefined]
])('the word %s names the kind %s', (word, kind) => {
  expect(kindOfWord(word)).toBe(kind)
})

test('every class name in the table of releases belongs to its kind of storage', () => {
  for (const release of ['0.5.4', '0.6.0', '1.4.1']) {
    for (const [kind, { type }] of Object.entries(rulesFor(release).storages)) {
      expect(kindOfClass(type)).toBe(kind)
      expect(OTHER_STORAGE_CLASSES).not.toContain(type)
    }
  }
})

test('only kinds that take a path have its fields in their JSON', () => {
  for (const [kind, { takesPath }] of Object.entries(STORAGE_KINDS)) {
    const { fields } = rulesFor('1.4.1').storages[kind as keyof typeof STORAGE_KINDS]
    expect(fields.includes('path')).toBe(takesPath)
    expect(fields.includes('stored_as_script')).toBe(takesPath)
  }
})
