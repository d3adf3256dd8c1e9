import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Verification } from '../../../src/build/verify.js'
import { finalLine, runError } from '../../../src/commands/run.js'
import { verificationError, verificationText } from '../../../src/commands/verify.js'
import type { DeployResult } from '../../../src/deployments/deploy/result.js'
import { FlowstoreError } from '../../../src/errors.js'
import type { Notice } from '../../../src/log.js'
import { annotateError, annotateNotice } from '../../../src/publish/annotations.js'
import { NO_COLOURS } from '../../../src/publish/colours.js'
import { deployedFacts, deployedText } from '../../../src/publish/deployed.js'
import { LiveLine } from '../../../src/publish/live-line.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'
import { failureMarkdown, summaryMarkdown } from '../../../src/publish/summary.js'
import { jsonErrors, terminalError, terminalReport } from '../../../src/publish/terminal.js'
import { terminalLog } from '../../../src/publish/terminal-log.js'
import { ISOLATED } from '../../../src/python/cell.js'
import { apiAddress } from '../../../src/prefect-api/address.js'
import { failureOf } from '../../../src/prefect-api/failure.js'
import type { Report } from '../../../src/report.js'
import { printableJson } from '../../../src/util/plain-text.js'
import { commandsIn } from '../../helpers/commands.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { foreignText } from '../../helpers/foreign-text.js'
import { capturePrinted } from '../../helpers/printed.js'

const { text: printed } = capturePrinted()

const maybe = fc.option(foreignText, { nil: undefined })
const line = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined })

const notices: fc.Arbitrary<Notice> = fc.record({
  level: fc.constantFrom('notice', 'warning'),
  message: foreignText,
  file: maybe,
  line
})

const errors = fc
  .record({ message: foreignText, hint: maybe, file: maybe, line, detail: maybe })
  .map(({ message, ...details }) => new FlowstoreError('MODULE_IMPORT', message, details))

/** A report whose texts are all those of others: names, modules, locations, versions, tags, reasons. */
const reports: fc.Arbitrary<Report> = fc
  .record({ text: fc.infiniteStream(foreignText), notices: fc.array(notices, { maxLength: 2 }) })
  .map(({ text, notices }) => {
    const next = (): string => String(text.next().value)
    return {
      storage: { type: next() },
      flows: [1, 2].map(number => ({
        ...{ name: next(), module: next(), line: number, location: next(), size: number },
        ...{ key: next(), changed: true }
      })),
      deployments: [
        { name: next(), flow: next(), entrypoint: next(), image: next(), changed: true }
      ],
      deployed: null,
      image: {
        ...{ repository: 'r.example/a', name: 'a', tag: 't', digest: null, tags: [] },
        platforms: null,
        attached: []
      },
      commits: { image: next(), run: next() },
      comparedWith: next(),
      changed: false,
      versions: { python: next(), prefect: next(), cloudpickle: next(), flowstore: '0' },
      checkedIn: 'image',
      environment: { builder: null, why: next() },
      load: { in: 'image', why: next(), isolation: ISOLATED, modules: { loaded: 2, taken: 0 } },
      phases: [{ name: next(), seconds: 1 }],
      notices
    }
  })

test('no text of others is a command in the report for a terminal, or as JSON', () => {
  fc.assert(
    fc.property(reports, foreignText, (report, path) => {
      const paths = { 'storage-path': path, 'prefect-file-path': path }
      expect(commandsIn(terminalReport(report, paths))).toEqual([])
      expect(commandsIn(printableJson(report))).toEqual([])
      expect(JSON.parse(printableJson(report))).toEqual(JSON.parse(JSON.stringify(report)))
    })
  )
})

test('no text of others is a command in an error', () => {
  fc.assert(
    fc.property(errors, error => {
      expect(commandsIn(terminalError(error))).toEqual([])
      expect(commandsIn(printableJson(jsonErrors([error])))).toEqual([])
    })
  )
})

test('no text of others is a command in the log', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(foreignText, { minLength: 4, maxLength: 4 }),
      notices,
      async ([info = '', debug = '', progress = '', phase = ''], notice) => {
        let text = ''
        const screen = { write: (part: string) => (text += part), isTerminal: false }
        const live = new LiveLine(screen, 0)
        const log = terminalLog(live, 'verbose', NO_COLOURS)
        await log.phase(phase, () => {
          log.info(info)
          log.debug(debug)
          log.progress(progress)
          log.notice(notice)
          return Promise.resolve()
        })
        expect(commandsIn(text)).toEqual([])
      }
    )
  )
})

test('a notice and an error are one annotation each, and no other command', () => {
  fc.assert(
    fc.property(notices, errors, foreignText, (notice, error, folder) => {
      const from = printed().length
      annotateNotice(notice, folder)
      annotateError(error, folder)
      const commands = commandsIn(printed().slice(from))
      expect(commands.map(command => /^::(\w+)[ :]/.exec(command)?.[1])).toEqual([
        notice.level,
        'error'
      ])
    })
  )
})

test('outputs and summaries hold texts of others as they are, and nothing else', () => {
  const file = join(temporaryFolder(), 'output')
  process.env['GITHUB_OUTPUT'] = file
  fc.assert(
    fc.property(foreignText, reports, errors, (value, report, error) => {
      writeFileSync(file, '')
      for (const name of OUTPUT_NAMES) core.setOutput(name, value)
      const read = [
        ...readFileSync(file, 'utf8').matchAll(/^(.+)<<(ghadelimiter_.+)\n([^]*?)\n\2$/gm)
      ]
      expect(read.map(([, name]) => name)).toEqual([...OUTPUT_NAMES])
      expect(new Set(read.map(([, , , text]) => text))).toEqual(new Set([value]))
      expect(commandsIn(summaryMarkdown(report))).toEqual([])
      expect(commandsIn(failureMarkdown([error], report.notices))).toEqual([])
    }),
    { numRuns: 50 }
  )
  delete process.env['GITHUB_OUTPUT']
})

/** A verification whose texts are all those of others: names and locations of flows, what labels and files are. */
const verifications: fc.Arbitrary<Verification> = fc.record({
  image: foreignText,
  facts: fc.array(fc.record({ name: foreignText, ok: fc.boolean(), found: foreignText })),
  flows: fc.array(
    fc.record({
      ...{ name: foreignText, location: foreignText },
      file: fc.constantFrom('recorded', 'differs', 'missing', 'unknown'),
      platforms: fc.array(foreignText, { maxLength: 2 }),
      failure: fc.option(foreignText)
    }),
    { minLength: 1 }
  ),
  ok: fc.constant(false)
})

test('no text of an image is a command in what a verification says', () => {
  fc.assert(
    fc.property(verifications, verification => {
      const rows = verification.facts.length + verification.flows.length
      const text = verificationText(verification)
      expect([text.split('\n').length, commandsIn(text)]).toEqual([rows + 1, []])
      const error = verificationError(verification)
      expect(commandsIn(error === undefined ? '' : terminalError(error))).toEqual([])
    })
  )
})

const values = fc.oneof(foreignText, fc.constant(null), fc.dictionary(foreignText, foreignText))

/** A result of a deploy whose texts are all those of others: of the file, and of what the server has. */
const deploys: fc.Arbitrary<DeployResult> = fc.record({
  server: fc.record({ url: foreignText, version: fc.option(foreignText) }),
  project: fc.option(foreignText),
  dryRun: fc.boolean(),
  deployments: fc.array(
    fc.record({
      ...{ flow: foreignText, name: foreignText, id: fc.option(foreignText) },
      state: fc.constantFrom('created', 'updated', 'new', 'changed', 'unchanged', 'gone'),
      changes: fc.array(fc.record({ field: foreignText, from: values, to: values })),
      scheduledRunsMadeAnew: fc.boolean()
    })
  )
})

test('no text of a file or a server is a command in what a deploy says', () => {
  fc.assert(
    fc.property(deploys, result => {
      expect(commandsIn(deployedText(result))).toEqual([])
      const { lines, rows } = deployedFacts(result)
      expect(commandsIn(lines.join('\n'))).toEqual([])
      expect(commandsIn(rows.map(([label]) => label).join('\n'))).toEqual([])
    })
  )
})

test('no word of a server that refuses is a command', () => {
  const address = apiAddress({ PREFECT_API_URL: 'http://127.0.0.1:4200/api' })
  const bodies = fc.oneof(
    foreignText,
    foreignText.map(detail => JSON.stringify({ detail })),
    fc
      .tuple(foreignText, foreignText)
      .map(([field, msg]) =>
        JSON.stringify({ exception_detail: [{ loc: ['body', field], msg }], detail: msg })
      )
  )
  fc.assert(
    fc.property(
      bodies,
      foreignText,
      fc.constantFrom(401, 403, 409, 422, 500),
      (body, what, status) => {
        const answer = { status, headers: new Headers(), body: Buffer.from(body) }
        expect(commandsIn(terminalError(failureOf(address, what, answer)))).toEqual([])
      }
    )
  )
})

test('no text of a flow is a command in the line that a run prints, or in its error', () => {
  const results = fc.record({
    ...{ state: fc.option(foreignText), message: fc.option(foreignText) },
    ...{ detail: fc.option(foreignText), successful: fc.boolean() },
    ...{ refused: fc.boolean(), loaded: fc.boolean() }
  })
  fc.assert(
    fc.property(foreignText, results, (flow, result) => {
      const line = finalLine(flow, result)
      expect([line.includes('\n'), commandsIn(line)]).toEqual([false, []])
      const error = runError(flow, result)
      expect(commandsIn(error === undefined ? '' : terminalError(error))).toEqual([])
    })
  )
})
