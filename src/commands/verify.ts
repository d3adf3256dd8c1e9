import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  verifyImage,
  type Verification,
  type VerifiedFlow,
  type VerifyRequest
} from '../build/verify.js'
import { connectDocker } from '../docker/connect.js'
import { FlowstoreError } from '../errors.js'
import { LiveLine } from '../publish/live-line.js'
import { terminalLog } from '../publish/terminal-log.js'
import { jsonErrors } from '../publish/terminal.js'
import { registriesOf } from '../registry/registries.js'
import { DockerStorage } from '../storage/docker.js'
import { plainLine, printableJson } from '../util/plain-text.js'
import { flowCount } from '../util/text.js'
import {
  optionFlag,
  OUTPUT_FLAGS,
  outputArguments,
  parseArguments,
  type OutputArguments
} from './flags.js'
import type { CommandOutput } from './output.js'
import { readStorage } from './read-storage.js'

/** The arguments of `flowstore verify`. */
interface VerifyCommand extends OutputArguments {
  /** Path of a storage's JSON, or the reference of an image. */
  readonly target: string
  readonly healthcheck: boolean
  readonly baseUrl: string | undefined
  readonly insecureRegistries: readonly string[]
}

const FLAGS = [
  optionFlag('healthcheck'),
  optionFlag('baseUrl'),
  optionFlag('insecureRegistries'),
  ...OUTPUT_FLAGS
] as const

/**
 * Reads the arguments of `flowstore verify`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION, MISSING_OPTION
 */
export function parseVerify(args: readonly string[]): VerifyCommand {
  const parsed = parseArguments(args, FLAGS)
  const [target, ...more] = parsed.operands
  if (target === undefined || more.length > 0) {
    throw new FlowstoreError('MISSING_OPTION', 'flowstore verify takes one storage.json or image', {
      hint: 'Example: flowstore verify .flowstore/storage.json'
    })
  }
  const last = (name: string) => parsed.values.get(name)?.at(-1)
  return {
    target,
    healthcheck: last('healthcheck') !== 'false',
    baseUrl: last('base-url'),
    insecureRegistries: parsed.values.get('insecure-registries') ?? [],
    ...outputArguments(parsed)
  }
}

/** Whether an argument names a file, which may be missing, and not an image. */
const isPath = (cwd: string, target: string): boolean =>
  existsSync(resolve(cwd, target)) || target.endsWith('.json')

/** @throws FlowstoreError for a storage that has no image in a registry, and what `readStorage` throws */
async function requestOf(
  cwd: string,
  { target, healthcheck }: VerifyCommand
): Promise<VerifyRequest> {
  if (!isPath(cwd, target)) return { image: target, healthcheck }
  const { storage, json, digest, keys } = await readStorage(cwd, target, 'verify')
  if (!(storage instanceof DockerStorage)) {
    throw new FlowstoreError('NOT_SUPPORTED', `the storage '${target}' has no image to verify`, {
      hint: 'Run a flow of it instead: flowstore run reads it back first.'
    })
  }
  if (storage.registryUrl === undefined) {
    throw new FlowstoreError('NOT_SUPPORTED', `the image of '${target}' was not pushed`, {
      hint: 'flowstore verify looks at images in a registry: build with --registry-url.'
    })
  }
  return { image: storage.name, digest, keys, storage: json, healthcheck }
}

const FILES: Readonly<Record<VerifiedFlow['file'], string>> = {
  recorded: 'as it was built',
  differs: 'another file than the one that was built',
  missing: 'not in the image',
  unknown: 'there; an older version of flowstore recorded no hash'
}

/** The state of a flow's file; a bad one with its platforms. */
function fileText({ file, platforms }: VerifiedFlow): string {
  const isBad = file === 'differs' || file === 'missing'
  return isBad && platforms ? `${FILES[file]} (${platforms.join(', ')})` : FILES[file]
}

/** What is wrong with a flow; undefined if nothing is. */
function faultOf(flow: VerifiedFlow): string | undefined {
  const { name, file, failure } = flow
  if (failure) return `flow "${name}" does not load back: ${failure}`
  return file === 'differs' || file === 'missing'
    ? `flow "${name}" is ${fileText(flow)}`
    : undefined
}

/** A verification as a table. */
export function verificationText({ image, facts, flows }: Verification): string {
  const rows = [
    ...facts.map(({ name, ok, found }) => [ok, name, found] as const),
    ...flows.map(flow => {
      const read =
        flow.failure === null ? '' : flow.failure === '' ? ', loads back' : ', does not load back'
      return [
        faultOf(flow) === undefined,
        flow.name,
        `${flow.location}: ${fileText(flow)}${read}`
      ] as const
    })
  ]
  const width = Math.max(...rows.map(([, name]) => plainLine(name).length))
  return [
    plainLine(image),
    ...rows.map(
      ([ok, name, found]) =>
        `  ${ok ? 'ok  ' : 'FAIL'}  ${plainLine(name).padEnd(width)}  ${plainLine(found)}`
    )
  ].join('\n')
}

/** The error of a verification that found something wrong; undefined for one that did not. */
export function verificationError({
  image,
  facts,
  flows,
  ok
}: Verification): FlowstoreError | undefined {
  if (ok) return undefined
  const faults = [
    ...facts.filter(fact => !fact.ok).map(({ name, found }) => `${name}: ${found}`),
    ...flows.flatMap(flow => faultOf(flow) ?? [])
  ]
  const [missing] = facts.filter(({ name }) => name === 'image')
  const message = missing?.found ?? `${image} is not what was built: ${faults[0] ?? ''}`
  return new FlowstoreError('VERIFICATION', message, {
    detail: faults.length > 1 ? faults.join('\n') : undefined
  })
}

/**
 * `flowstore verify`: what was looked at goes to standard output as a table.
 *
 * @throws FlowstoreError VERIFICATION if something is not as the build recorded it
 */
export async function verifyCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, screen, colours }: CommandOutput
): Promise<void> {
  const command = parseVerify(args)
  const live = new LiveLine(screen)
  const log = terminalLog(live, command.verbosity, colours)
  const verification = await verifyImage(await requestOf(process.cwd(), command), {
    registries: registriesOf(env, command.insecureRegistries, log),
    connect: () => connectDocker(command.baseUrl, env),
    log
  }).finally(() => {
    live.end()
  })
  const error = verificationError(verification)
  if (command.json) {
    const failure = error === undefined ? {} : jsonErrors([error])
    print(printableJson({ ...verification, exitCode: 0, ...failure }))
  } else {
    print(verificationText(verification))
    if (!error) {
      const { flows } = verification
      print(`Verified: ${flowCount(flows.length)}${command.healthcheck ? '' : ', not read back'}`)
    }
  }
  if (error) throw error
}
