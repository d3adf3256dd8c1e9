import { expect, test } from '@jest/globals'
import { likeStandardLibrary } from '../../../src/sources/standard-library.js'

test('modules and packages with a name of the standard library are found where Python imports from', () => {
  const paths = [
    ...['statistics.py', 'orders.py', 'json/__init__.py', 'queue/data.csv', 'email.txt'],
    ...['flows/calendar.py', 'libs/time.py', 'libs/deep/os.py', '../shared/types.py']
  ]
  expect(likeStandardLibrary(paths, ['libs', '../shared'])).toEqual([
    'statistics.py',
    'json/__init__.py',
    'libs/time.py',
    '../shared/types.py'
  ])
})
