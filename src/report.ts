import type { DeployResult } from './deployments/deploy/result.js'
import type { DeploymentsDocument } from './deployments/document.js'
import type { Undone } from './errors.js'
import type { FlowVersions } from './flows/flow.js'
import type { Attached } from './image/attestations/attach.js'
import type { CheckedIn } from './image/labels.js'
import type { Notice } from './log.js'
import type { Isolation } from './python/cell.js'

/** One flow of a build. */
export interface ReportFlow {
  readonly name: string
  /** Path of its module relative to the working directory. */
  readonly module: string
  readonly line: number
  /** Its location in the storage. */
  readonly location: string
  /** Bytes of the serialized flow as it is stored. */
  readonly size: number
  /** Changes with everything that the flow is made from; null if that is not known. */
  readonly key: string | null
  /** Whether {@link Report.comparedWith} has the flow with another key, or not at all. */
  readonly changed: boolean
}

/** One deployment of a build: Prefect 2 and 3. */
export interface ReportDeployment {
  readonly name: string
  /** Name of its flow. */
  readonly flow: string
  readonly entrypoint: string
  /** The image that its runs use: that of an earlier build if it did not change. Null without an image. */
  readonly image: string | null
  /** Whether anything of it differs from the image that the build was compared with. */
  readonly changed: boolean
}

/** The image of a build. */
export interface ReportImage {
  /** Registry and name, such as `ghcr.io/acme/flows`. */
  readonly repository: string
  /** Name below the registry. */
  readonly name: string
  readonly tag: string
  /** Digest of the manifest in the registry; null for an image that was not pushed. */
  readonly digest: string | null
  /** Further tags that name it. */
  readonly tags: readonly string[]
  /** The images of an index, one for each of the option `platforms`; null for an image of one platform. */
  readonly platforms: readonly ReportPlatform[] | null
  /** What the option attach attached to it: SBOM and provenance. */
  readonly attached: readonly Attached[]
}

/** The commits of a build; each null if it is not known. */
export interface ReportCommits {
  /** The one that made the image: an unchanged image keeps that, and its labels. */
  readonly image: string | null
  /** The one of this run. */
  readonly run: string | null
}

/** The image of one platform in an index. */
export interface ReportPlatform {
  /** `os/architecture`, such as `linux/arm64`. */
  readonly platform: string
  /** Digest of its manifest. */
  readonly digest: string
  /** Whether the flows were read back in it: only on the platform that loaded them, and with the healthcheck. */
  readonly checked: boolean
}

/** Where the flows were loaded, and why there. */
export interface ReportLoad {
  readonly in: 'image' | 'runner'
  readonly why: string
  /** What flow modules were cut off from. */
  readonly isolation: Isolation
  /** How many flow modules were loaded, and of how many the flows were taken from an earlier image. */
  readonly modules: { readonly loaded: number; readonly taken: number }
}

/** Where the environment image came from, and why. */
export interface ReportEnvironment {
  /** What built it; null if it was found. */
  readonly builder: 'daemon' | 'direct' | null
  readonly why: string
}

/** What a build did, as one plain value. `publish/` turns it into outputs, files and text. */
export interface Report {
  /** The storage as Prefect reads it. */
  readonly storage: { readonly type: string } & Readonly<Record<string, unknown>>
  readonly flows: readonly ReportFlow[]
  /** Null for flows of Prefect before 2. */
  readonly deployments: readonly ReportDeployment[] | null
  /** What became of the deployments on the server; null without the option deploy. */
  readonly deployed: DeployResult | null
  /** Null for a storage without an image. */
  readonly image: ReportImage | null
  /** Null for a storage without an image. */
  readonly commits: ReportCommits | null
  /** The image that the flows were compared with; null if there is none: then all flows are changed. */
  readonly comparedWith: string | null
  /** False if the registry had an image of the same input. */
  readonly changed: boolean
  readonly versions: FlowVersions & { readonly flowstore: string }
  /**
   * Where each flow was read back: in a container of the image, which alone has its final files; on the runner in a cell,
   * with the same packages and cut off from the machine's files and processes; or on the runner without one. For an image
   * that was found, where the build did that which pushed it. Null if they were not read back.
   */
  readonly checkedIn: CheckedIn
  /** Null for a storage without an image. */
  readonly environment: ReportEnvironment | null
  /** Null if nothing was loaded because the registry had the image. */
  readonly load: ReportLoad | null
  /** Name of each phase and its seconds, in the order they ran. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[]
  readonly notices: readonly Notice[]
}

/** Content of a file; a large one comes in parts. */
export type FileContent = Buffer | string | Iterable<string | Buffer>

/** The documents of a build. */
export interface BuildDocuments {
  /** For `prefect register --json`; null if the release reads none. */
  readonly flowsJson: Iterable<string | Buffer> | null
  /** Text of a complete `prefect.yaml`; null for flows of Prefect before 2. */
  readonly prefectYaml: string | null
  /** Text of `deployments.json`; null for flows of Prefect before 2. */
  readonly deploymentsJson: string | null
  /** Text of the SBOM of the image; null without the option sbom, and for a storage without an image. */
  readonly sbom: string | null
  /** Text of the provenance of the image; null without the option provenance, and without a pushed image. */
  readonly provenance: string | null
  /** Text of the image's Dockerfile; null for a storage without an image. */
  readonly dockerfile: string | null
  /** Files of local storage: name in the artifact, to path on disk. */
  readonly flowFiles: ReadonlyMap<string, string>
}

/** The result of a build before it is published. */
export interface Build {
  readonly report: Report
  /** Flows and deployments, for `deploy`; null for flows of Prefect before 2. */
  readonly deployments: DeploymentsDocument | null
  readonly documents: BuildDocuments
  /**
   * Sets the tags of the image, which is in the registry under its digest. `buildStorage` of the library has done that.
   *
   * @throws FlowstoreError PUSH_REFUSED, REGISTRY, DAEMON
   */
  readonly moveTags: () => Promise<void>
  /**
   * Puts back what the build changed outside the output directory, for a build that can't be published: tags, and files
   * of local storage. SIGINT and SIGTERM wait for it.
   */
  readonly discard: () => Promise<Undone>
  /**
   * Removes the sources that those of this build have replaced: from then on `discard` does not bring them back. Null if it
   * replaced none.
   */
  readonly keep: (() => void) | null
}
