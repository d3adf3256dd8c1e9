import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  certificateFault,
  certificatesFolder,
  readCertificates
} from '../../../../src/docker/engine/certificates.js'
import { repository, temporaryFolder } from '../../../helpers/flowstore.js'

test('DOCKER_CERT_PATH is the folder, whatever it contains', async () => {
  expect(await certificatesFolder({ DOCKER_CERT_PATH: '/certs' })).toBe('/certs')
})

test('the docker client’s folder is used if it has a ca.pem', async () => {
  const folder = repository({ 'ca.pem': 'x' })
  expect(await certificatesFolder({ DOCKER_CONFIG: folder })).toBe(folder)
})

test('a folder without a ca.pem has no certificates', async () => {
  expect(await certificatesFolder({ DOCKER_CONFIG: temporaryFolder() })).toBeUndefined()
})

test('a folder that can’t be read is an error that names the file', async () => {
  const file = join(repository({ file: '' }), 'file')
  await expect(certificatesFolder({ DOCKER_CONFIG: file })).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringMatching(/ca\.pem can't be used for TLS: ENOTDIR/)
  })
})

test('a certificate that is missing is named', async () => {
  const folder = temporaryFolder()
  await expect(readCertificates(folder)).rejects.toMatchObject({
    code: 'DAEMON',
    message: `${join(folder, 'ca.pem')} can't be used for TLS: there is no such file`
  })
})

test('a file that is not a certificate is named', async () => {
  const folder = repository({ 'ca.pem': 'hello' })
  await expect(readCertificates(folder)).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringContaining(`${join(folder, 'ca.pem')} can't be used for TLS: `)
  })
})

test.each([
  ['an alert', 'EPROTO', 'ssl/tls alert bad certificate', 'the daemon does not accept /c/cert.pem'],
  ['a closed connection', 'ECONNRESET', 'socket hang up', 'the daemon does not accept /c/cert.pem'],
  ['an unknown signer', 'SELF_SIGNED_CERT_IN_CHAIN', '', '/c/ca.pem did not sign the daemon'],
  ['another host name', 'ERR_TLS_CERT_ALTNAME_INVALID', '', undefined],
  ['nobody there', 'ECONNREFUSED', '', undefined]
])('%s names the file that is at fault', (_, code, message, fault) => {
  const certificates = { folder: '/c', ca: '', cert: '', key: '' }
  const found = certificateFault(Object.assign(new Error(message), { code }), certificates)
  expect(found?.replace(/'s certificate$/, '')).toBe(fault)
})
