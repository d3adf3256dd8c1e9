/* eslint-disable jest/no-export, jest/valid-title -- a helper that makes suites */
import { describe, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The releases of Prefect that the test bed has an interpreter with. */
type Release = '0.5.4' | '1.4.1' | EntrypointRelease

/** Those whose flows are entrypoints. */
export type EntrypointRelease = '2.13.8' | '2.20.27' | '3.0.11' | '3.4.25' | '3.6.29' | '3.9.1'

/** Those with a worker that runs flows in containers. */
export type WorkerRelease = '2.20.27' | '3.9.1'

/**
 * A part of the test bed that a suite can ask for. `python:3.6` and the like are base images,
 * `venv:0.5.4` and the like interpreters of this machine.
 */
export type Part =
  | 'docker'
  | 'registry'
  | 'authRegistry'
  | 'debian:plain'
  | 'python:3.6'
  | 'python:3.9'
  | 'python:3.12'
  | 'prefect:1.4.1'
  | `prefect:${WorkerRelease}`
  | `venv:${Release}`
  | `worker:${WorkerRelease}`
  | 'node20'
  | 'node22'
  | 'node24'
  | 'act'

/** A registry as image names name it, without a scheme; it speaks plain HTTP. */
export interface TestRegistry {
  readonly url: string
}

/**
 * What `node scripts/test-bed.mjs up` has set up. A field is set only if its part was set up, so
 * read it inside `describeWith`.
 */
export interface TestBed {
  readonly dockerHost: string
  /** The address of this machine as a container on the default network sees it. */
  readonly gateway: string
  readonly registry: TestRegistry
  readonly authRegistry: TestRegistry & { readonly username: string; readonly password: string }
  /** Images in `registry`: Pythons with git and pip, and `plain` with git and no Python. */
  readonly baseImages: Readonly<Record<'3.6' | '3.9' | '3.12' | 'plain', string>>
  /** `python:3.9` with Prefect 1.4.1. */
  readonly prefectBase: string
  /** Prefect's own images of these releases on Python 3.12, or images like them. */
  readonly prefectImages: Readonly<Record<WorkerRelease, string>>
  /** Interpreters of this machine by version, such as `3.9`. */
  readonly pythons: Readonly<Record<string, string>>
  /** Interpreters with a release of Prefect. */
  readonly venvs: Readonly<Record<Release, string>>
  /** Interpreters with a release of Prefect and `prefect-docker`. */
  readonly workers: Readonly<Record<WorkerRelease, string>>
  readonly uv: string
  readonly node20: string
  readonly node22: string
  readonly node24: string
  readonly act: string
  /** Why a part is missing. */
  readonly skipped: Readonly<Partial<Record<Part, string>>>
}

const path = resolve('.test-bed/bed.json')

/** The test bed of this checkout. Without one, throws an error that says how to start it. */
export function testBed(): TestBed {
  if (!existsSync(path)) {
    throw new Error('No test bed here: node scripts/test-bed.mjs up')
  }
  return JSON.parse(readFileSync(path, 'utf8')) as TestBed
}

/**
 * A `describe` that needs parts of the test bed. If one is missing, it becomes one skipped test
 * that says why. On CI that is an error, since no test may be skipped there.
 */
export function describeWith(
  parts: readonly Part[],
  name: string,
  body: (bed: TestBed) => void
): void {
  const bed = testBed()
  const missing = parts.find(part => bed.skipped[part] !== undefined)
  if (missing === undefined) {
    describe(name, () => {
      body(bed)
    })
    return
  }
  const reason = `${missing}: ${bed.skipped[missing] ?? ''}`
  if (process.env['CI']) throw new Error(`"${name}" needs a part that is missing. ${reason}`)
  process.stderr.write(`skipped: ${name}: ${reason}\n`)
  // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect
  test.skip(name, () => {})
}
