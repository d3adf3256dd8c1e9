import type { BuildKwargs } from '../docker/build-kwargs.js'
import { kindOfWord, STORAGE_WORDS } from '../prefect/storage-kinds.js'
import { isRepository, isTag, lowerPrefix, withLowerPath } from '../registry/reference.js'
import { plainLine } from '../util/plain-text.js'
import { BOOLEAN, choice, LINES, TEXT, type OptionEntry } from './entry.js'
import type { LoadIn } from './module-rules.js'

const wholeValue = (value: unknown): unknown => value

/**
 * Every option, once, by its name in camelCase. Derived from it: the {@link Options} type, the Action's
 * inputs, the CLI's flags, `--help`, the inputs of `action.yml`, the tables of `docs/options.md`, which
 * options go together, how modules' own storages are merged, and what identifies an image.
 */
export const SCHEMA = {
  flows: {
    ...LINES,
    group: 'Flows',
    required: true,
    requiredHint: 'Name files, folders or patterns with flow modules, such as flows/.',
    description:
      'Flow modules, one per line: files, folders, globs, `path.py:flow name`, `path.py:function`, `path.py:Class.method` or `package.module`. A line `!PATTERN` leaves out what it matches.',
    parse: read => read.flowModules
  },
  /** Read by the entry points alone; see `workingDirectory`. */
  workingDirectory: {
    ...TEXT,
    group: 'Flows',
    example: 'teams/orders',
    defaultNote: 'the folder that the step or the command runs in',
    description:
      'Folder that all other paths are relative to, such as a project of a monorepo. It must lie in the folder that the step or the command runs in, or in the git repository of that folder.'
  },
  /** Paths and patterns relative to the working directory, also with `!`; see `chooseSources`. */
  sources: {
    ...LINES,
    group: 'Flows',
    example: 'templates',
    defaultNote:
      'everything but version control, CI files, tests, and documentation outside a folder that holds Python',
    description:
      'What a load sees of the repository, and what the default tag depends on: one path, folder or glob per line. A line adds to the default, a line that begins with ! takes away. The last line that matches a file decides.',
    parse: read => read.sourceLines
  },
  storage: {
    ...choice(...STORAGE_WORDS),
    group: 'Storage',
    absent: 'docker',
    defaultNote: 'docker',
    example: 'local',
    parse: read => read.choice(STORAGE_WORDS, kindOfWord),
    description:
      "Storage to fill: docker, local, memory or bytes. Prefect's class names are accepted. memory and bytes are for Prefect 0.5 to 1.4."
  },
  /** Whether a difference between an option and a module's own storage ends the run. */
  storageConflict: {
    ...choice('merge', 'error'),
    group: 'Storage',
    default: 'merge',
    flowKey: wholeValue,
    description:
      'What to do when a module sets a storage on its flow: merge combines it with these options and reports each difference, error fails on any difference.'
  },
  /** Registry with its path, no scheme and no slash at its end. */
  registryUrl: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    example: 'ghcr.io/acme',
    description:
      'Registry to push the image to, with a path if it has one, such as `ghcr.io/acme`. Required with `push`.',
    parse: read =>
      read.text
        .transform(value => value.replace(/\/+$/, ''))
        .refine(
          value => !value.includes('://'),
          "must not have a scheme; write it as in 'ghcr.io/acme'"
        )
        .transform(lowerPrefix),
    module: rules => rules.agreedText
  },
  imageName: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    defaultNote: "the repository's name",
    description: 'Name of the image, below registry-url.',
    parse: read =>
      read.text
        .transform(value => value.toLowerCase())
        .refine(
          isRepository,
          'is not an image name: use letters, digits, single . _ - between them, and / between parts'
        ),
    module: rules => rules.agreedText
  },
  imageTag: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    defaultNote: 'a hash of all inputs, so the same input gives the same tag',
    description: 'Tag of the image.',
    parse: read =>
      read.text.refine(
        isTag,
        'is not a tag: use up to 128 letters, digits, . _ - and begin with neither . nor -'
      ),
    module: rules => rules.neverImageTag
  },
  /** Templates of further tags; see `resolveTags`. */
  tags: {
    ...LINES,
    group: 'Image',
    needs: 'image',
    description:
      'Additional tags for the image, one per line, with the placeholders {{ branch }}, {{ sha }}, {{ pr }}, {{ version }}, {{ major }} and {{ minor }}. Lines whose placeholder has no value are skipped. `latest` is only for the default branch and for releases.',
    parse: read => read.tags
  },
  defaultBranch: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    example: 'main',
    defaultNote: 'what the CI service or git says',
    description:
      'Default branch of the repository: only it and releases get the tag `latest`, and no pull request gets its name as a tag.'
  },
  /** An image reference, or a tag of the image. */
  compareWith: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    example: 'registered',
    defaultNote: 'the first of tags, as it was before this run',
    description:
      'Image, or tag of this image, to compare the flows with: the output changed-flows has those that differ.',
    parse: read => read.tagOrImage
  },
  /** The flows for flows.json. */
  register: {
    ...choice('all', 'changed'),
    group: 'Image',
    needs: 'image',
    default: 'all',
    description:
      'The flows in flows.json: all, or only those that differ from the image of compare-with. Move that tag after the registration. For Prefect 0.5 to 1.4.'
  },
  /** In no key: an unchanged image keeps the labels of the commit that made it. */
  labels: {
    ...LINES,
    pairs: '=',
    group: 'Image',
    needs: 'image',
    example: 'team=data',
    defaultNote:
      'source, revision, created, version, title and base image of org.opencontainers.image',
    description:
      'Further labels of the image, one KEY=VALUE per line, such as the output of docker/metadata-action. They override the default ones. They are no reason to build: an unchanged image keeps the labels that it has.',
    parse: read => read.labels
  },
  /** In no key. */
  annotations: {
    ...LINES,
    pairs: '=',
    group: 'Image',
    needs: 'image',
    example: 'team=data',
    defaultNote: 'those that labels has by default, where the registry has an OCI manifest',
    description:
      "Further annotations of the image's manifest, one KEY=VALUE per line, such as the output of docker/metadata-action. A level before the key (`manifest:`, `index:`, `manifest-descriptor:`) says which document gets it; default the manifest, and the index of several platforms. They are no reason to build.",
    parse: read => read.annotations
  },
  baseImage: {
    ...TEXT,
    group: 'Environment',
    needs: 'daemon',
    environment: true,
    defaultNote: "Prefect's own default for its version, such as `python:3.6` for 0.5.4",
    description: 'Image to build on.',
    insteadOf: 'dockerfile',
    parse: read => read.text.transform(withLowerPath),
    module: rules => rules.replaceWith(rules.text)
  },
  /** Path relative to the working directory; instead of `baseImage`. */
  dockerfile: {
    ...TEXT,
    group: 'Environment',
    needs: 'daemon',
    mustExist: { name: 'Dockerfile', kind: 'file' },
    environment: true,
    needsImage: 'the environment is built from a dockerfile',
    description:
      'Path of a Dockerfile to build the base image from, instead of base-image. Its build context is the working directory.',
    insteadOf: 'baseImage',
    module: rules => rules.replaceWithSource
  },
  /** Path relative to the working directory. */
  dockerignore: {
    ...TEXT,
    group: 'Environment',
    needs: 'daemon',
    mustExist: { name: 'dockerignore file', kind: 'file' },
    environment: true,
    defaultNote: '.dockerignore',
    description: 'Path of a file in .dockerignore format that applies to dockerfile and files.',
    module: rules => rules.replaceWithSource
  },
  buildKwargs: {
    ...TEXT,
    group: 'Environment',
    needs: 'daemon',
    absent: '{}',
    example: '{"labels": {"team": "data"}}',
    environment: true,
    flowKey: ({ labels }: BuildKwargs) => labels,
    description:
      'Arguments of the Docker build as a JSON object: buildargs, target, labels, network_mode, platform, nocache, pull, extra_hosts, shmsize.',
    parse: read => read.buildKwargs,
    module: rules =>
      rules.replaceWith(
        rules.buildKwargs,
        ({ network_mode: network, extra_hosts: hosts }) =>
          network === undefined && hosts === undefined
      )
  },
  pythonDependencies: {
    ...LINES,
    group: 'Environment',
    environment: true,
    description:
      'Packages that the flows need, one requirement per line, such as `pandas>=1.3,<2`.',
    module: rules => rules.appendLines
  },
  /** Path relative to the working directory. */
  requirementsFile: {
    ...TEXT,
    group: 'Environment',
    mustExist: { name: 'requirements file', kind: 'file' },
    environment: true,
    description:
      'Path of a requirements file, `pyproject.toml`, `uv.lock`, `poetry.lock` or `Pipfile.lock`, relative to the working directory.'
  },
  /** With `requirementsFile`; see `ProjectChoice`. */
  extras: {
    ...LINES,
    group: 'Environment',
    environment: true,
    description:
      'Extras of the project to install too, one name per line. For requirements-file with `uv.lock`, `poetry.lock` or `pyproject.toml`.',
    parse: read => read.packageNames
  },
  groups: {
    ...LINES,
    group: 'Environment',
    environment: true,
    description:
      'Dependency groups of the project to install too, one name per line. For requirements-file with `uv.lock`, `poetry.lock` or `pyproject.toml`.',
    parse: read => read.packageNames
  },
  package: {
    ...TEXT,
    group: 'Environment',
    environment: true,
    example: 'orders',
    defaultNote:
      'the project in the folder of pyproject.toml or in the working directory, else the one beside uv.lock',
    description:
      'Member of the uv workspace to install with what it needs, by its name. For requirements-file with `uv.lock`, or with the `pyproject.toml` of a uv project.',
    parse: read => read.packageName
  },
  installer: {
    ...choice('auto', 'pip', 'uv'),
    group: 'Environment',
    default: 'auto',
    environment: true,
    description:
      'Program that installs packages, in the image and on the runner. auto uses uv if it would install the same as pip (Python 3.8 or later, pip is not configured, no requirement that uv reads differently; on the runner, uv must also be on PATH), otherwise pip.'
  },
  indexUrl: {
    ...TEXT,
    group: 'Environment',
    environment: true,
    example: 'https://pypi.acme.com/simple',
    defaultNote: 'the variable PIP_INDEX_URL or UV_DEFAULT_INDEX, then what pip is configured with',
    description:
      'Package index that pip and uv use instead of PyPI, on the runner and in the image. With a login as `https://NAME:${TOKEN}@pypi.acme.com/simple`, with TOKEN in secrets or secret-files, or from the netrc file.'
  },
  extraIndexUrls: {
    ...LINES,
    group: 'Environment',
    environment: true,
    example: 'https://pypi.acme.com/simple',
    defaultNote: 'the variable PIP_EXTRA_INDEX_URL or UV_INDEX, then what pip is configured with',
    description:
      'Package indexes that are searched too, one per line, written as index-url is. The best version of all indexes is installed.'
  },
  /** A value of null is taken from the environment of the run; see `readSecrets`. */
  secrets: {
    ...LINES,
    pairs: '=',
    group: 'Environment',
    example: 'TOKEN=data',
    description:
      "Secrets of the build, one ID=VALUE per line, or ID alone for the value in this step's environment: `${ID}` in index-url and extra-index-urls, and `RUN --mount=type=secret,id=ID` in dockerfile. No layer, label, key, log or flow module gets them.",
    parse: read => read.secrets
  },
  /** Paths relative to the working directory; see `readSecrets`. */
  secretFiles: {
    ...LINES,
    pairs: '=',
    group: 'Environment',
    example: 'TOKEN=/run/secrets/token',
    description:
      'Files whose content is a secret of the build, one ID=PATH per line: used as secrets are. Write them outside the working directory, such as into `RUNNER_TEMP`.',
    parse: read => read.secretFiles
  },
  envVars: {
    ...LINES,
    pairs: '=',
    group: 'Environment',
    example: 'TEAM=data',
    environment: true,
    description:
      'Environment variables, one KEY=VALUE per line. Flow modules see them while they are loaded, and the image keeps them for the runs, so they must not be secrets. Local storage has no image: there, set them where the flows run. For the load alone, use load-env-vars.',
    parse: read => read.variables,
    module: rules => rules.joinVariables
  },
  /** `os/architecture` each, sorted. */
  platforms: {
    ...LINES,
    group: 'Environment',
    needs: 'image',
    example: 'linux/amd64,linux/arm64',
    environment: true,
    defaultNote: 'the platform of this machine',
    description:
      'Platforms of the image, separated by commas or one per line. With several, such as `linux/amd64,linux/arm64`, an image of each is made without emulation and pushed, and the tags name an index of them. This machine must be of one of them: the flows are loaded and read back there.',
    parse: read => read.platforms
  },
  files: {
    ...LINES,
    pairs: ':',
    group: 'Environment',
    needs: 'daemon',
    example: '.:/srv/repository',
    environment: true,
    needsImage: 'files are copied into the image',
    description:
      'Files, folders and globs to copy into the image, one SOURCE:/absolute/destination per line. SOURCE is relative to the working directory.',
    module: rules => rules.joinFiles
  },
  /** Lines of a Dockerfile. */
  extraDockerfileCommands: {
    ...LINES,
    group: 'Environment',
    needs: 'daemon',
    environment: true,
    needsImage: 'extra commands run in the image',
    description:
      'Dockerfile instructions to add, one per line, such as `RUN apt-get update`. They run after the dependencies and files are added and before flows are loaded. From the first instruction that names a folder of the flows (such as /opt/prefect or /opt/flowstore), they run after the flows are added and before the healthcheck.',
    // Not trimmed: Docker reads the indentation of continued lines, and comments.
    parse: read =>
      read.untrimmed.transform((value): readonly string[] =>
        value.split(/\r?\n/).filter(line => line.trim() !== '')
      ),
    module: rules => rules.appendInstructions
  },
  prefectDirectory: {
    ...TEXT,
    group: 'Image',
    needs: 'image',
    example: '/srv/prefect',
    environment: true,
    defaultNote: '/opt/prefect',
    description:
      "Prefect's directory in the image; flows are stored in its subdirectory `flows`. Prefect 0.12.2 to 1.4.",
    parse: read =>
      read.text
        .refine(value => value.startsWith('/'), 'must be an absolute path in the image')
        .transform(value => value.replace(/(?<=.)\/+$/, '')),
    module: rules => rules.replaceWith(rules.text)
  },
  storedAsScript: {
    ...BOOLEAN,
    group: 'Storage',
    needs: 'script',
    default: 'false',
    flowKey: wholeValue,
    description:
      'Whether the module itself is stored, at `path`, instead of pickled flows. For docker and local storage with one module. Prefect 0.12.5 to 1.4.',
    module: rules => rules.replaceWith(rules.boolean, rules.notFromContainer)
  },
  path: {
    ...TEXT,
    group: 'Storage',
    needs: 'script',
    // The environment image has the folder for the flow.
    environment: true,
    flowKey: wholeValue,
    description:
      'Location of the flow: in the image for docker storage, on this machine for local storage. Prefect 0.12.5 to 1.4.',
    module: rules => rules.replaceWith(rules.text, rules.notFromContainer)
  },
  baseUrl: {
    ...TEXT,
    group: 'Docker daemon',
    needs: 'daemon',
    defaultNote: "the variable DOCKER_HOST, then the platform's socket",
    description: 'URL of the Docker daemon.'
  },
  /** Folder with ca.pem, cert.pem and key.pem. */
  tlsConfig: {
    ...TEXT,
    group: 'Docker daemon',
    needs: 'daemon',
    mustExist: { name: 'folder of certificates', kind: 'folder' },
    example: 'certificates',
    defaultNote: 'the variable DOCKER_CERT_PATH with DOCKER_TLS_VERIFY',
    description: 'Folder with ca.pem, cert.pem and key.pem for a Docker daemon that requires TLS.'
  },
  prefectVersion: {
    ...TEXT,
    group: 'Environment',
    environment: true,
    defaultNote:
      'the version in python-dependencies or the requirements file (of a range the newest supported one), otherwise the version in the base image or the interpreter',
    description: 'Prefect release or git ref.',
    parse: read => read.text.regex(/^[A-Za-z0-9][\w.+!/-]*$/, 'is neither a release nor a git ref'),
    module: rules => rules.replaceWith(rules.text)
  },
  localImage: {
    ...BOOLEAN,
    group: 'Environment',
    needs: 'daemon',
    default: 'false',
    environment: true,
    description:
      "Whether base-image, or the image that the Dockerfile builds on, is taken from the daemon's images and never pulled.",
    module: rules => rules.replaceWith(rules.boolean)
  },
  push: {
    ...BOOLEAN,
    group: 'Image',
    default: 'true',
    description: 'Whether the image is pushed to registry-url.'
  },
  /** Hosts with their ports. In no key. */
  insecureRegistries: {
    ...LINES,
    group: 'Image',
    needs: 'daemon',
    example: 'registry.acme.lan:5000',
    description:
      "Registries that may have no TLS, or a certificate that can't be checked, one HOST or HOST:PORT per line, as docker's setting of that name. A warning names each that is not safe. A daemon that pulls or pushes needs its own setting.",
    parse: read => read.registryHosts
  },
  assemble: {
    ...choice('auto', 'append', 'build'),
    group: 'Image',
    needs: 'image',
    default: 'auto',
    description:
      "How flows are added to the environment image: append adds their layer through the registry's API, build has the Docker daemon build and push the image, auto appends if the image is pushed and the registry supports it."
  },
  builder: {
    ...choice('auto', 'direct', 'daemon'),
    group: 'Environment',
    needs: 'image',
    default: 'auto',
    description:
      'What builds the environment image: daemon has the Docker daemon build it, direct puts a layer of packages onto the base image through the registry without a daemon, auto uses the daemon if there is one.'
  },
  force: {
    ...BOOLEAN,
    group: 'Image',
    needs: 'image',
    default: 'false',
    description:
      'Whether the image is built even if the registry has one that was built from the same input.'
  },
  refresh: {
    ...BOOLEAN,
    group: 'Environment',
    needs: 'daemon',
    default: 'false',
    description:
      'Whether the environment image is rebuilt, so that dependencies are resolved again.'
  },
  directory: {
    ...TEXT,
    group: 'Storage',
    needs: 'local',
    defaultNote: '~/.prefect/flows; for Prefect 2 and 3 the folder sources in the output directory',
    description: 'Folder for the flow files of local storage.',
    module: rules => rules.replaceWith(rules.text, rules.notFromContainer)
  },
  pythonPath: {
    ...LINES,
    group: 'Loading',
    example: 'libs',
    flowKey: wholeValue,
    description:
      'Folders that Python imports modules from, one per line, like PYTHONPATH, relative to the working directory. They may lie outside it, in its git repository, such as `../../libs`. Their files become sources.'
  },
  loadIn: {
    ...choice('auto', 'image', 'runner'),
    group: 'Loading',
    flowKey: wholeValue,
    defaultNote:
      'image for docker storage; for the others the runner, without network where the system allows it',
    description:
      'Where flow modules are loaded: in a container of the image, or by a Python interpreter on the runner. auto uses an interpreter only if all its packages are those of the image, or can be unpacked from it.'
  },
  python: {
    ...TEXT,
    group: 'Loading',
    example: '3.9',
    environment: true,
    flowKey: (value: string | undefined, loadIn: LoadIn) =>
      loadIn === 'image' ? undefined : value,
    defaultNote:
      'one on this machine that the Prefect version supports. In an image: the version that the default base image has',
    description: 'Python interpreter to load flows with: a path or a version such as 3.9.'
  },
  /** Seconds. */
  loadTimeout: {
    ...TEXT,
    group: 'Loading',
    default: '600',
    example: '60',
    description:
      'Seconds that all flow modules together may take to be loaded, and the stored flows to be read back. The error names the module and the line where it hangs.',
    parse: read => read.count
  },
  /** Bytes. */
  loadMemory: {
    ...TEXT,
    group: 'Loading',
    example: '4g',
    defaultNote: 'no limit',
    description:
      'Memory that flow modules may use while they are loaded, such as 512m or 4g: of the container, or of each process on a Linux runner.',
    parse: read => read.memory
  },
  loadProcesses: {
    ...TEXT,
    group: 'Loading',
    default: '512',
    example: '64',
    description:
      'Processes and threads that flow modules may have at a time while they are loaded: in the container, or on a Linux runner whose user is not root.',
    parse: read => read.count
  },
  /** See `loadChanged` and `verifyRecords`. */
  incremental: {
    ...choice('off', 'auto', 'verify'),
    group: 'Loading',
    needs: 'image',
    default: 'off',
    description:
      'Whether a build records what each flow module is made from. auto loads the modules that changed, each by itself, and takes the flows of the others from the image to compare with; in any doubt it loads all. verify loads all, and warns if the records of that image would have given another flow.'
  },
  onLoadError: {
    ...choice('error', 'warn'),
    group: 'Loading',
    default: 'error',
    flowKey: (value: string) => (value === 'error' ? undefined : value),
    description:
      "What to do when a module can't be loaded: error fails the run, warn leaves out its flows with a warning, as in the middle of a migration."
  },
  /** A value of null is taken from the environment of the run. */
  loadEnvVars: {
    ...LINES,
    group: 'Loading',
    example: 'API_KEY=data',
    description:
      "Environment variables for flow modules while they are loaded, one KEY=VALUE per line, or KEY alone for the value in this step's environment. Nothing else gets them: not the image, the healthcheck or a run of a flow.",
    parse: read => read.loadVariables
  },
  allowUntrustedCode: {
    ...BOOLEAN,
    group: 'Loading',
    default: 'false',
    description:
      "Whether code that may be a stranger's is loaded in a run that has the secrets of the repository: on `pull_request_target`, `workflow_run`, `issue_comment` and other events that anybody can cause. Also pushes the image of a pull request from a fork."
  },
  healthcheck: {
    ...BOOLEAN,
    group: 'Flows',
    default: 'true',
    flowKey: wholeValue,
    description:
      'Whether each flow is read back in a fresh interpreter before anything is published.',
    prefectName: 'ignore_healthchecks',
    module: rules => rules.neverIgnoreHealthchecks
  },
  requireCheck: {
    ...choice('any', 'image'),
    group: 'Flows',
    needs: 'image',
    default: 'any',
    description:
      'Where each flow has to be read back before the image is published: image means in a container of the image, any also accepts the runner.'
  },
  ignoreHealthchecks: {
    ...BOOLEAN,
    group: 'Flows',
    default: 'false',
    description: "Prefect's name for `healthcheck: false`."
  },
  /** Paths relative to the working directory. */
  prefectFile: {
    ...LINES,
    group: 'Deployments',
    mustExist: { name: 'prefect file', kind: 'file' },
    example: 'deployments/prod.yaml',
    defaultNote: 'prefect.yaml in the working directory, if there is one',
    description:
      'Files with deployments of Prefect 2 and 3, one path per line, relative to the working directory. They are checked and written as one prefect.yaml with the image.'
  },
  workPool: {
    ...TEXT,
    group: 'Deployments',
    example: 'docker',
    defaultNote: 'flows without a deployment in prefect-file get none',
    description: 'Work pool of the deployments of flows that have none in prefect-file.'
  },
  deploymentName: {
    ...TEXT,
    group: 'Deployments',
    default: 'default',
    description: 'Name of the deployments of flows that have none in prefect-file.',
    parse: read =>
      read.text.regex(/^[^/%&<>]+$/, 'is empty or has a character that Prefect refuses: / % & < >')
  },
  deploy: {
    ...BOOLEAN,
    group: 'Deployments',
    default: 'false',
    description:
      "Whether the deployments are written to Prefect's API after the push: only those that differ from the server. On a pull request they are compared and not written. PREFECT_API_URL, and PREFECT_API_KEY or PREFECT_API_AUTH_STRING, are read from the environment."
  },
  deployPullRequests: {
    ...BOOLEAN,
    group: 'Deployments',
    default: 'false',
    description:
      'With deploy: whether the deployments are written on a pull request too, such as to a server for tests. Those of one from a fork never are, unless allow-untrusted-code is set.'
  },
  prune: {
    ...BOOLEAN,
    group: 'Deployments',
    default: 'false',
    description:
      'With deploy: whether deployments that an earlier deploy of this project (the name of the image and the folder of its flows) wrote, and that no file has any more, are deleted. Prefect 3.1 or later.'
  },
  sbom: {
    ...BOOLEAN,
    group: 'Output',
    needs: 'image',
    default: 'true',
    description:
      'Whether sbom.cdx.json is written: the base image, the Python packages and the flows of the image, as CycloneDX.'
  },
  provenance: {
    ...BOOLEAN,
    group: 'Output',
    needs: 'image',
    default: 'true',
    description:
      'Whether provenance.json is written for a pushed image: from which commit, base image, files and options it was built, as a statement of in-toto and SLSA.'
  },
  attach: {
    ...BOOLEAN,
    group: 'Image',
    needs: 'image',
    default: 'false',
    description:
      'Whether the SBOM and the provenance are also attached to the image in the registry, as OCI referrers without a signature, before its tags move.'
  },
  outputDirectory: {
    ...TEXT,
    group: 'Output',
    default: '.flowstore',
    description:
      'Folder for storage.json, flows.json, prefect.yaml, deployments.json, report.json, the Dockerfile, sbom.cdx.json and provenance.json; failure.json if the run fails.'
  },
  summary: {
    ...BOOLEAN,
    group: 'Output',
    default: 'true',
    description: 'Whether the Action writes the summary of the job, also for a run that fails.'
  },
  uploadArtifact: {
    ...BOOLEAN,
    group: 'Artifact',
    default: 'true',
    description: 'Whether the Action uploads the output files as an artifact.'
  },
  artifactName: {
    ...TEXT,
    group: 'Artifact',
    default: 'flowstore-storage',
    description: 'Name of the artifact.',
    parse: read =>
      read.text
        .regex(/^[^":<>|*?\r\n\\/]+$/, 'has a character that GitHub forbids: " : < > | * ? \\ /')
        // The client of the artifact service prints the name as it is.
        .refine(name => plainLine(name) === name, 'has text that CI services read as a command')
  }
} as const satisfies Readonly<Record<string, OptionEntry>>

/** The schema's type. */
export type Schema = typeof SCHEMA

/** Name of an option in camelCase. */
export type OptionKey = keyof Schema
