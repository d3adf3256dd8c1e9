/** What is known of one option, for the Action's inputs, the CLI's flags and the docs alike. */
export interface OptionSpec {
  readonly name: string
  readonly kind: 'text' | 'boolean' | 'lines' | 'choice'
  readonly choices?: readonly string[]
  /** The default as an input has it; undefined where there is none or it depends on others. */
  readonly default?: string
  readonly required?: boolean
  readonly description: string
}

/** Every option. A test holds `action.yml` and `docs/options.md` to it. */
export const OPTION_SPECS: readonly OptionSpec[] = [
  {
    name: 'flows',
    kind: 'lines',
    required: true,
    description:
      'Flow modules, one a line: files, folders, globs, `path.py:flow name`, `package.module`.'
  },
  {
    name: 'storage',
    kind: 'choice',
    choices: ['docker', 'local', 'memory', 'bytes'],
    description:
      "Storage to fill: docker, local, memory or bytes; Prefect's class names are accepted. Default: docker."
  },
  {
    name: 'storage-conflict',
    kind: 'choice',
    choices: ['merge', 'error'],
    default: 'merge',
    description:
      'What becomes of a storage that a module gives its flow: merge puts it under these options and names each difference, error refuses a difference.'
  },
  {
    name: 'registry-url',
    kind: 'text',
    description:
      'Registry to push the image to, with a path where it has one, such as `ghcr.io/acme`; required with `push`.'
  },
  {
    name: 'image-name',
    kind: 'text',
    description: "Name of the image below registry-url. Default: the repository's name."
  },
  {
    name: 'image-tag',
    kind: 'text',
    description:
      'Tag of the image. Default: a hash of all that goes into it, so the same input gives the same tag.'
  },
  {
    name: 'tags',
    kind: 'lines',
    description:
      'Further tags for the image, one a line: text with {{ branch }}, {{ sha }}, {{ pr }} and {{ version }} in it; a line whose value there is none of is left out.'
  },
  {
    name: 'base-image',
    kind: 'text',
    description:
      "Image to build on. Default: Prefect's own default for the Prefect version, such as `python:3.6` for 0.5.4."
  },
  {
    name: 'dockerfile',
    kind: 'text',
    description:
      'Path of a Dockerfile whose image is built on, in place of base-image; its build context is the working directory.'
  },
  {
    name: 'dockerignore',
    kind: 'text',
    description:
      'Path of a file in the form of .dockerignore that holds for dockerfile and files. Default: .dockerignore.'
  },
  {
    name: 'build-kwargs',
    kind: 'text',
    description:
      'Arguments for the build as a JSON object: buildargs, target, labels, network_mode, platform, nocache, pull, extra_hosts, shmsize.'
  },
  {
    name: 'python-dependencies',
    kind: 'lines',
    description: 'Packages that flows need, one requirement a line, such as `pandas>=1.3,<2`.'
  },
  {
    name: 'requirements-file',
    kind: 'text',
    description:
      'Path of a requirements file, `pyproject.toml`, `uv.lock`, `poetry.lock` or `Pipfile.lock`, relative to the working directory.'
  },
  {
    name: 'installer',
    kind: 'choice',
    choices: ['auto', 'pip', 'uv'],
    default: 'auto',
    description:
      'What installs packages, in the image and on the runner: auto takes uv where it gives what pip would (Python 3.8 or later, no configuration of pip, no requirement that uv reads otherwise; on the runner also a uv on PATH), else pip.'
  },
  {
    name: 'env-vars',
    kind: 'lines',
    description:
      'Environment variables that flow modules see and the image keeps, one KEY=VALUE a line; no secrets.'
  },
  {
    name: 'files',
    kind: 'lines',
    description:
      'Files, folders and globs to put into the image, one SOURCE:/absolute/destination a line; SOURCE is relative to the working directory.'
  },
  {
    name: 'extra-dockerfile-commands',
    kind: 'lines',
    description:
      'Instructions for the image, one a line, such as `RUN apt-get update`; they run after dependencies and files, before flows are loaded. From the first that names a folder of the flows on (such as /opt/prefect or /opt/flowstore) they run after the flows are in, before the healthcheck.'
  },
  {
    name: 'prefect-directory',
    kind: 'text',
    description:
      "Prefect's folder in the image: flows lie in its folder `flows`. From Prefect 0.12.2 on. Default: /opt/prefect."
  },
  {
    name: 'stored-as-script',
    kind: 'boolean',
    default: 'false',
    description:
      'Whether the module itself is stored, at `path`, instead of pickled flows; docker and local storage, one module. From Prefect 0.12.5 on.'
  },
  {
    name: 'path',
    kind: 'text',
    description:
      "Location of the flow, as Prefect's `path`: in the image for docker storage, on this machine for local. From Prefect 0.12.5 on."
  },
  {
    name: 'base-url',
    kind: 'text',
    description:
      "URL of the Docker daemon. Default: the variable DOCKER_HOST, then the platform's socket."
  },
  {
    name: 'tls-config',
    kind: 'text',
    description:
      'Folder with ca.pem, cert.pem and key.pem for a daemon that asks for TLS. Default: the variable DOCKER_CERT_PATH with DOCKER_TLS_VERIFY.'
  },
  {
    name: 'prefect-version',
    kind: 'text',
    description:
      'Prefect release or git ref. Default: what python-dependencies or the requirements file pins, else what the base image or the interpreter has.'
  },
  {
    name: 'local-image',
    kind: 'boolean',
    default: 'false',
    description:
      "Whether base-image, or what the Dockerfile is built on, is taken from the daemon's images and never pulled."
  },
  {
    name: 'push',
    kind: 'boolean',
    default: 'true',
    description: 'Whether the image is pushed to registry-url.'
  },
  {
    name: 'assemble',
    kind: 'choice',
    choices: ['auto', 'append', 'build'],
    default: 'auto',
    description:
      "How flows get onto the environment image: append puts their layer there through the registry's API, build lets the daemon build and push; auto appends where the image is pushed and the registry can."
  },
  {
    name: 'force',
    kind: 'boolean',
    default: 'false',
    description: 'Whether the image is made even where the registry has one of the same input.'
  },
  {
    name: 'refresh',
    kind: 'boolean',
    default: 'false',
    description:
      'Whether the environment image is made anew, so that dependencies are resolved as of today.'
  },
  {
    name: 'directory',
    kind: 'text',
    description: 'Folder for the flow files of local storage. Default: ~/.prefect/flows.'
  },
  {
    name: 'load-in',
    kind: 'choice',
    choices: ['auto', 'image', 'runner'],
    description:
      'Where flow modules are loaded: in a container of the image, or by an interpreter of the runner; auto takes an interpreter only if all its packages are those of the image. Default: image for docker storage, runner for the others.'
  },
  {
    name: 'python',
    kind: 'text',
    description:
      'Interpreter to load flows with: a path or a version such as 3.9. Default: one on this machine that the Prefect version runs on. In an image: the version that the default base image has.'
  },
  {
    name: 'healthcheck',
    kind: 'boolean',
    default: 'true',
    description:
      'Whether each flow is read back in a fresh interpreter before anything is published.'
  },
  {
    name: 'ignore-healthchecks',
    kind: 'boolean',
    default: 'false',
    description: "Prefect's name for `healthcheck: false`."
  },
  {
    name: 'output-directory',
    kind: 'text',
    default: '.flowstore',
    description: 'Folder for storage.json, flows.json, report.json and the Dockerfile.'
  },
  {
    name: 'upload-artifact',
    kind: 'boolean',
    default: 'true',
    description: 'Whether the Action uploads the files as an artifact.'
  },
  {
    name: 'artifact-name',
    kind: 'text',
    default: 'flowstore-storage',
    description: 'Name of the artifact.'
  }
]
