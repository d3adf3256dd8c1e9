import type { FlowVersions } from './flows/flow.js'
import type { Notice } from './log.js'

/** Names of the outputs, in the order of `action.yml`. */
export const OUTPUT_NAMES = [
  'storage',
  'storage-path',
  'flows-path',
  'flows',
  'image',
  'image-name',
  'image-tag',
  'tags',
  'digest',
  'image-ref',
  'changed',
  'artifact-id',
  'artifact-url'
] as const
export type OutputName = (typeof OUTPUT_NAMES)[number]

/** One flow of the build. */
export interface ReportFlow {
  readonly name: string
  /** Path of its module relative to the working directory. */
  readonly module: string
  readonly line: number
  /** Its location in the storage. */
  readonly location: string
  /** Bytes of the serialized flow as it is stored. */
  readonly size: number
}

/** All that a run gives back, as one plain value: `report.json`. */
export interface Report {
  readonly outputs: Readonly<Record<OutputName, string>>
  readonly versions: FlowVersions & { readonly flowstore: string }
  /** Where the flows were loaded, and why there; null where the image was there already. */
  readonly load: { readonly in: 'image' | 'runner'; readonly why: string } | null
  /** Name of each phase and its seconds, in the order they ran. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[]
  readonly flows: readonly ReportFlow[]
  readonly notices: readonly Notice[]
}

/** What a file gets: whole, or in parts where it is big. */
export type FileContent = Buffer | string | Iterable<string | Buffer>

/** A run's result before it is published: the report and the files that go with it. */
export interface Build {
  readonly report: Report
  /** Files for the output directory: name relative to it, to content. `storage.json` among them. */
  readonly files: ReadonlyMap<string, FileContent>
  /** Further files for the artifact only (local storage: the flow files): name in the artifact, to path on disk. */
  readonly artifactFiles: ReadonlyMap<string, string>
  /** Takes back what the run wrote outside the output directory: for a build that can't be published. */
  readonly discard: () => void
}

/** A report as `report.json` has it. */
export const reportJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`
