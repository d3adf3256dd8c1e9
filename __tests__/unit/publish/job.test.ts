import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { publishBuild } from '../../../src/publish/directory.js'
import { artifactUpload, publishFailure, publishToJob, type Job } from '../../../src/publish/job.js'
import { OutputFolder } from '../../../src/publish/output-folder.js'
import type { Build } from '../../../src/report.js'
import { FlowstoreError } from '../../../src/errors.js'
import { OUTPUT_NAMES, type Outputs } from '../../../src/publish/outputs.js'
import { buildOf } from '../../helpers/builds-to-publish.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { ResultsService } from '../../helpers/results-service.js'

const machine = { ...process.env }
const folder = temporaryFolder()
const outputFile = join(folder, 'output')
const summaryFile = join(folder, 'summary')
let service: ResultsService
let printed = ''

beforeEach(async () => {
  service = await ResultsService.start()
  writeFileSync(outputFile, '')
  writeFileSync(summaryFile, '')
  process.env = {
    ...machine,
    ...service.env,
    GITHUB_OUTPUT: outputFile,
    GITHUB_STEP_SUMMARY: summaryFile
  }
  // The client prints commands for the runner; a runner that runs these tests must not follow them.
  printed = ''
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    printed += String(text)
    return true
  })
})

afterEach(async () => {
  jest.restoreAllMocks()
  process.env = machine
  await service.stop()
})

const job: Job = {
  artifactName: 'storage',
  runUrl: 'https://github.com/acme/flows/actions/runs/7',
  hasSummary: true,
  artifactsMissing: undefined,
  masked: []
}

function buildWith(flowFile: Buffer): Build {
  const path = join(folder, 'flow')
  writeFileSync(path, flowFile)
  return buildOf(new Map([['flows/a/1', path]]))
}

const directory = join(folder, 'published')

/** Publishes a build with this file of a flow, as the Action does. */
async function publish(flowFile: Buffer, of: Job = job): Promise<Outputs> {
  const output = await OutputFolder.open(directory)
  const published = await publishBuild(buildWith(flowFile), output, artifactUpload(of))
  await publishToJob(published, of)
  return published.report.outputs
}

test('the artifact holds the files', async () => {
  await publish(Buffer.from('pickle'))
  expect(service.files('storage')).toEqual(
    new Map<string, unknown>([
      ['storage.json', readFileSync(join(directory, 'storage.json'))],
      ['report.json', expect.any(Buffer)],
      ['flows/a/1', Buffer.from('pickle')]
    ])
  )
})

test('the outputs have the id and the URL of the artifact', async () => {
  const values = await publish(Buffer.from('pickle'))
  const artifact = service.artifacts.get('storage')
  expect(values['artifact-id']).toBe(artifact?.id)
  expect(values['artifact-url']).toBe(`${job.runUrl}/artifacts/${artifact?.id}`)
})

test('every output and the summary are written', async () => {
  await publish(Buffer.from('pickle'))
  const outputs = readFileSync(outputFile, 'utf8')
  for (const name of OUTPUT_NAMES) expect(outputs).toContain(`${name}<<`)
  expect(readFileSync(summaryFile, 'utf8')).toContain('### flowstore')
})

test('an artifact that is uploaded in many blocks arrives whole', async () => {
  const big = randomBytes(20 * 1024 * 1024)
  await publish(big)
  const artifact = service.artifacts.get('storage')
  expect(artifact?.blocks).toBeGreaterThan(1)
  expect(service.files('storage').get('flows/a/1')?.equals(big)).toBe(true)
})

test('an artifact that can’t be uploaded leaves no output and no summary', async () => {
  process.env['ACTIONS_RUNTIME_TOKEN'] = `${service.token}-of-another-day`
  await expect(publish(Buffer.from('x'))).rejects.toMatchObject({
    code: 'WRITE_FAILED',
    message: expect.stringMatching(/'storage' can't be uploaded: .*\(401\)/)
  })
  expect([readFileSync(outputFile, 'utf8'), readFileSync(summaryFile, 'utf8')]).toEqual(['', ''])
})

test('nothing is uploaded if the artifact has no name', async () => {
  const values = await publish(Buffer.from('x'), {
    ...job,
    artifactName: undefined
  })
  expect([values['artifact-id'], values['artifact-url']]).toEqual(['', ''])
  expect(service.artifacts.size).toBe(0)
})

test('a job without a service for artifacts gets a notice, and all else', async () => {
  const artifactsMissing = 'this runner has no artifact service'
  const values = await publish(Buffer.from('x'), { ...job, artifactsMissing })
  expect(printed).toContain(`::notice::no artifact is uploaded: ${artifactsMissing}; the files are`)
  expect([values['artifact-id'], service.artifacts.size]).toEqual(['', 0])
  expect(readFileSync(outputFile, 'utf8')).toContain('storage-path<<')
})

test('a service for artifacts that nobody runs is a notice', async () => {
  await service.stop()
  const values = await publish(Buffer.from('x'))
  expect(printed).toContain('::notice::no artifact is uploaded: no artifact service answers')
  expect(values['artifact-id']).toBe('')
})

test('a summary that can’t be written is a warning', async () => {
  jest.spyOn(core.summary, 'write').mockRejectedValue(new Error('no access'))
  await publish(Buffer.from('x'), { ...job, artifactName: undefined })
  expect(printed).toContain("::warning::the summary of the job can't be written: no access")
})

test('a failed run writes its errors to the summary, unless there is none', async () => {
  const error = new FlowstoreError('DAEMON', 'no daemon answers')
  await publishFailure([error], [], { hasSummary: false })
  expect(readFileSync(summaryFile, 'utf8')).toBe('')
  await publishFailure([error], [], { hasSummary: true })
  expect(readFileSync(summaryFile, 'utf8')).toContain('**DAEMON**: no daemon answers')
})
