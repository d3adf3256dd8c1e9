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
    default: 'docker',
    description:
      "Storage to fill: docker, local, memory or bytes; Prefect's class names are accepted."
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
    name: 'base-image',
    kind: 'text',
    description:
      "Image to build on. Default: Prefect's own default for the Prefect version, such as `python:3.6` for 0.5.4."
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
    name: 'env-vars',
    kind: 'lines',
    description:
      'Environment variables that flow modules see and the image keeps, one KEY=VALUE a line; no secrets.'
  },
  {
    name: 'files',
    kind: 'lines',
    description:
      'Files and folders to put into the image, one SOURCE:/absolute/destination a line; SOURCE is relative to the working directory.'
  },
  {
    name: 'base-url',
    kind: 'text',
    description:
      "URL of the Docker daemon. Default: the variable DOCKER_HOST, then the platform's socket."
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
    description: "Whether base-image is taken from the daemon's images and never pulled."
  },
  {
    name: 'push',
    kind: 'boolean',
    default: 'true',
    description: 'Whether the image is pushed to registry-url.'
  },
  {
    name: 'directory',
    kind: 'text',
    description: 'Folder for the flow files of local storage. Default: ~/.prefect/flows.'
  },
  {
    name: 'load-in',
    kind: 'choice',
    choices: ['image', 'runner'],
    description:
      'Where flow modules are loaded: in a container of the image, or by an interpreter of the runner. Default: image for docker storage, runner for the others.'
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
    name: 'output-directory',
    kind: 'text',
    default: '.flowstore',
    description: 'Folder for storage.json, report.json and the Dockerfile.'
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
