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

/** Every option. A test holds `action.yml` to it. */
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
    choices: ['local', 'memory', 'bytes'],
    default: 'local',
    description: "Storage to fill: local, memory or bytes; Prefect's class names are accepted."
  },
  {
    name: 'python-dependencies',
    kind: 'lines',
    description: 'Packages that flows need, one requirement a line, such as `pandas>=1.3,<2`.'
  },
  {
    name: 'requirements-file',
    kind: 'text',
    description: 'Path of a requirements file, relative to the working directory.'
  },
  {
    name: 'env-vars',
    kind: 'lines',
    description: 'Environment variables that flow modules see, one KEY=VALUE a line.'
  },
  {
    name: 'prefect-version',
    kind: 'text',
    description:
      'Prefect release or git ref. Default: what the interpreter has, else what python-dependencies or the requirements file pins.'
  },
  {
    name: 'directory',
    kind: 'text',
    description: 'Folder for the flow files of local storage. Default: ~/.prefect/flows.'
  },
  {
    name: 'python',
    kind: 'text',
    description:
      'Interpreter to load flows with: a path or a version such as 3.9. Default: one on this machine that the Prefect version runs on.'
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
    description: 'Folder for storage.json and report.json.'
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
