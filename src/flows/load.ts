import { FlowstoreError } from '../errors.js'
import { FLOWS_JSON, PICKLE_PROTOCOLS, rulesFor } from '../prefect/rules.js'
import type { Notice } from '../log.js'
import type { Flow, FlowVersions, FlowWithStorage } from './flow.js'
import { parsedFile } from '../python/answer.js'
import type { Loaded, PythonLoader } from '../python/loader.js'
import {
  serializedSchema,
  type ExpectedInterpreter,
  type LoadProblem,
  type LoadResult,
  type ModuleRequest
} from '../python/protocol.js'

/** A flow as it was loaded, with what its module says of where it should be kept. */
export type LoadedFlow = Flow & FlowWithStorage

/** What a load found. */
export interface LoadedFlows {
  readonly flows: readonly LoadedFlow[]
  readonly versions: FlowVersions
  /** Files of the repository that flows import when they run; empty where they travel by value. */
  readonly helpers: LoadResult['helpers']
  /** What is wrong with modules and flows: with any, the flows are not all there are. */
  readonly problems: readonly FlowstoreError[]
  /** Why there is no flows.json, where the release reads one. */
  readonly unregistrable: readonly FlowstoreError[]
  /** Imports that a run would fail at, for the module is neither in the repository nor installed. */
  readonly missing: LoadResult['missing']
  /** Requirements that modules which did not import declare for their image. */
  readonly dependencies: readonly string[]
  /** Where the interpreter is not the expected one: then nothing was loaded. */
  readonly differences: LoadResult['differences']
  /** What the modules printed. */
  readonly log: string
}

function flowsOf({ result, files }: Loaded, versions: FlowVersions): LoadedFlow[] {
  return result.flows.map(({ file, serialized, ...flow }) => {
    const written = (path: string): Buffer => {
      const content = files.get(path)
      if (content !== undefined) return content
      throw new FlowstoreError('LOAD_FAILED', `${path} of flow "${flow.name}" is missing`)
    }
    return {
      ...{ ...flow, bytes: written(file), versions },
      serialized:
        serialized === null
          ? undefined
          : parsedFile(written(serialized), serializedSchema, `flow "${flow.name}"`)
    }
  })
}

/**
 * Imports modules where Python runs, and serializes every flow that they bind.
 *
 * @param helpers how modules of the repository travel: beside the pickles, or inside them
 * @param storageLabels labels that the storage gives its flows; where they are given and the release
 * reads flows.json, flows get {@link Flow.serialized}
 * @param expected the interpreter that the flows must be loaded by; default any
 * @returns the flows, or every problem of every module; no flow at all is a problem, FLOW_NOT_FOUND
 * @throws FlowstoreError LOAD_FAILED where Python gives no result
 */
export async function loadFlows(
  place: PythonLoader,
  modules: readonly ModuleRequest[],
  helpers: 'reference' | 'value',
  storageLabels?: readonly string[],
  expected?: ExpectedInterpreter
): Promise<LoadedFlows> {
  const loaded = await place.load({
    modules,
    helpers,
    pickleProtocols: PICKLE_PROTOCOLS,
    expect: expected ?? null,
    flowsJson: storageLabels ? { ...FLOWS_JSON, labels: storageLabels } : null
  })
  const { result, log } = loaded
  const { differences, helpers: shipped, dependencies } = result
  const problems = result.problems.map(errorOf)
  const unregistrable = result.unregistrable.map(errorOf)
  const nothing = { python: '', prefect: '', cloudpickle: '' }
  if (differences.length > 0) {
    const found = {
      flows: [],
      versions: nothing,
      helpers: [],
      missing: [],
      problems,
      unregistrable
    }
    return { ...found, dependencies, differences, log }
  }
  if (problems.length === 0 && result.versions === null) {
    problems.push(new FlowstoreError('LOAD_FAILED', 'the loader gave no versions'))
  }
  const versions = result.versions ?? nothing
  const flows = flowsOf(loaded, versions)
  const incomplete =
    problems.length === 0 &&
    unregistrable.length === 0 &&
    storageLabels &&
    rulesFor(versions.prefect).flowsJson
      ? flows.find(flow => flow.serialized === undefined)
      : undefined
  if (incomplete) {
    throw new FlowstoreError('LOAD_FAILED', `flow "${incomplete.name}" came without its fields`, {
      file: incomplete.module,
      line: incomplete.line
    })
  }
  if (problems.length === 0 && flows.length === 0) problems.push(noFlow(modules))
  return {
    ...{ flows, versions, helpers: shipped, problems, unregistrable, dependencies },
    ...{ missing: result.missing, differences, log }
  }
}

const errorOf = ({ code, message, file, line, detail, hint }: LoadProblem): FlowstoreError =>
  new FlowstoreError(code, message, {
    file: file ?? undefined,
    line: line ?? undefined,
    detail: detail ?? undefined,
    hint: hint ?? undefined
  })

/** What to say of an import that a run would fail at. */
export function missingNotice({
  module,
  flows,
  file,
  line
}: LoadResult['missing'][number]): Notice {
  const names = flows.map(name => `"${name}"`)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')}, ... (${names.length})` : names.join(', ')
  return {
    level: 'warning',
    message:
      `the module '${module}' is neither in the repository nor installed, and ${flows.length === 1 ? 'flow' : 'flows'} ` +
      `${shown} may import it at run time: add its package to python-dependencies`,
    file,
    line
  }
}

/** The error that there is nothing to store. */
export const noFlow = (modules: readonly ModuleRequest[]): FlowstoreError =>
  new FlowstoreError(
    'FLOW_NOT_FOUND',
    `no flow in ${modules.map(module => module.file).join(', ')}`,
    {
      hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.'
    }
  )
