import { expect, test } from '@jest/globals'
import { unrecordedPackages } from '../../../../src/environment/direct/unrecorded-packages.js'

test('packages of setuptools and distutils are found, in a folder, in a file and by a link', () => {
  const siteFiles = [
    'PyYAML-5.1-py3.9.egg-info',
    'ruamel.yaml-0.15.1-py3.9.egg-info/PKG-INFO',
    'ruamel.yaml-0.15.1-py3.9.egg-info/SOURCES.txt',
    'zipped-1.0-py3.9.egg',
    'native-2.0-py3.9-linux-x86_64.egg/native.so',
    'own.egg-link'
  ]
  expect(unrecordedPackages({ siteFiles })).toEqual({
    pyyaml: '5.1',
    'ruamel-yaml': '0.15.1',
    zipped: '1.0',
    native: '2.0',
    own: ''
  })
})

test('packages of wheels, and metadata within other packages, are none of them', () => {
  const siteFiles = [
    'tool-1.0.dist-info/RECORD',
    'setuptools/_vendor/jaraco.text-1.0.egg-info/PKG-INFO',
    'egg.py'
  ]
  expect(unrecordedPackages({ siteFiles })).toEqual({})
})
