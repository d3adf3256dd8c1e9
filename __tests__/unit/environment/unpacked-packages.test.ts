import { expect, test } from '@jest/globals'
import {
  missingPackages,
  neededGlibc,
  newerGlibc
} from '../../../src/environment/unpacked-packages.js'

const SITE = '/usr/lib/python3.9/site-packages'

const missing = (packages: Record<string, string>, ...names: string[]) =>
  missingPackages(
    packages,
    [SITE],
    names.map(name => `${SITE}/${name}`)
  )

test('a package is there if its metadata is, whatever the spelling of its name', () => {
  const names = ['Ruamel_YAML-0.18.0.dist-info', 'pytz-2024.1-py3.9.egg-info', 'six.py']
  expect(missing({ 'ruamel-yaml': '0.18.0', pytz: '2024.1' }, ...names)).toEqual([])
})

test('a package is missing if only another release is there, or its metadata is elsewhere', () => {
  const names = ['pytz-2023.1.dist-info', 'pip/_vendor/six-1.16.0.dist-info']
  expect(missing({ pytz: '2024.1', six: '1.16.0' }, ...names)).toEqual([
    'pytz 2024.1',
    'six 1.16.0'
  ])
})

/** The glibc that a wheel with these tags needs, in an image with glibc 2.36. */
const glibc = (...tags: string[]) =>
  neededGlibc(
    new Map([[`${SITE}/a-1.dist-info/WHEEL`, tags.map(tag => `Tag: ${tag}\n`).join('')]]),
    'glibc 2.36'
  )?.glibc

test.each([
  ['py3-none-any', undefined],
  ['cp39-cp39-manylinux_2_28_x86_64', '2.28'],
  ['cp39-cp39-manylinux2014_x86_64', '2.17'],
  ['cp39-cp39-manylinux_2_17_x86_64.manylinux2010_x86_64', '2.12'],
  ['cp39-abi3-musllinux_1_2_x86_64', undefined],
  ['cp39-cp39-linux_x86_64', '2.36']
])('a wheel for %s needs the glibc %s', (tag, expected) => {
  expect(glibc(tag)).toBe(expected)
})

test('a wheel with several tags needs the oldest glibc of them', () => {
  expect(glibc('cp39-cp39-manylinux_2_28_x86_64', 'cp39-cp39-manylinux_2_5_x86_64')).toBe('2.5')
})

test('the package that needs the newest glibc is named', () => {
  const wheels = new Map(
    ['2_9', '2_31', '2_17'].map(version => [
      `${SITE}/p${version}-1.0.dist-info/WHEEL`,
      `Tag: cp39-cp39-manylinux_${version}_x86_64\n`
    ])
  )
  expect(neededGlibc(wheels, 'glibc 2.36')).toEqual({ package: 'p2_31-1.0', glibc: '2.31' })
})

test.each([
  ['2.39', 'glibc 2.36', true],
  ['2.36', 'glibc 2.36', false],
  ['2.9', 'glibc 2.36', false],
  ['2.9', 'musl', false]
])('glibc %s is newer than %s: %s', (release, libc, expected) => {
  expect(newerGlibc(release, libc)).toBe(expected)
})
