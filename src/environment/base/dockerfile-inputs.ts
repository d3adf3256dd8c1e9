import { posix } from 'node:path'
import type { Add, Copy, Dockerfile, Instruction } from 'dockerfile-ast'

/** What a Dockerfile builds on and copies, as far as its text tells. */
export interface DockerfileInputs {
  /** References of images; its own stages are not among them. */
  readonly images: readonly string[]
  /** Paths in the build context, without what follows a pattern; `.` is the context itself. */
  readonly sources: readonly string[]
  /** Whether these are all: nothing depends on something outside the text, such as an address that ADD reads. */
  readonly isComplete: boolean
}

/** Replaces `$NAME`, `${NAME}` and `${NAME:-default}` by their values; undefined if one is unknown. */
function expanded(text: string, values: ReadonlyMap<string, string>): string | undefined {
  const result = text.replace(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (all, bare: string | undefined, braced: string | undefined, otherwise: string | undefined) =>
      values.get(bare ?? braced ?? '') ?? otherwise ?? all
  )
  return result.includes('$') ? undefined : result
}

/** The part of a path before any pattern. Docker's patterns match hidden files, and folders with their content. */
function fixedPart(source: string): string {
  const parts = posix
    .join('/', source)
    .split('/')
    .filter(part => part !== '')
  const pattern = parts.findIndex(part => /[*?[\\]/.test(part))
  return (pattern === -1 ? parts : parts.slice(0, pattern)).join('/') || '.'
}

/** Sources and destination of COPY or ADD. */
function pathsOf(instruction: Copy | Add): string[] {
  const content = instruction.getRawArgumentsContent() ?? ''
  if (content.startsWith('[')) {
    try {
      return JSON.parse(content) as string[]
    } catch {
      // Not the JSON form: a path may begin with a bracket.
    }
  }
  return instruction.getArguments().map(part => part.getValue())
}

/** The inputs of a Dockerfile, collected instruction by instruction. */
class InputCollector {
  readonly images = new Set<string>()
  readonly sources = new Set<string>()
  isComplete = true
  private readonly stages = new Set(['scratch'])

  constructor(private readonly values: ReadonlyMap<string, string>) {}

  /** Adds an image, unless its reference names a stage of this Dockerfile. */
  from(reference: string, stage: string | null = null): void {
    const name = expanded(reference, this.values)
    if (name === undefined) this.isComplete = false
    else if (!this.stages.has(name.toLowerCase()) && !/^\d+$/.test(name)) this.images.add(name)
    if (stage !== null) this.stages.add(stage.toLowerCase())
  }

  /** Adds the inputs of an instruction's `--mount` flags. */
  mounts(words: string): void {
    for (const [, mount = ''] of words.matchAll(/--mount=(\S+)/g)) {
      const from = /(?:^|,)from=([^,]+)/.exec(mount)?.[1]
      if (from !== undefined) this.from(from)
      else if (!/(?:^|,)type=(?:cache|tmpfs|secret|ssh)(?:,|$)/.test(mount)) {
        this.source(/(?:^|,)(?:source|src)=([^,]+)/.exec(mount)?.[1] ?? '.')
      }
    }
  }

  /** Adds the sources of COPY or ADD. */
  copy(instruction: Copy | Add, words: string): void {
    const from = /(?:^|\s)--from=(\S+)/.exec(words)?.[1]
    if (from !== undefined) {
      this.from(from)
      return
    }
    for (const source of pathsOf(instruction).slice(0, -1)) this.source(source)
  }

  /** Adds a path in the context, if it is one that can be told. */
  private source(path: string): void {
    if (/["$]|^<<|:\/\//.test(path)) this.isComplete = false
    else this.sources.add(fixedPart(path))
  }
}

/** The ARGs before the first FROM, with their values. */
function initialArguments(
  file: Dockerfile,
  buildargs: Readonly<Record<string, string>>
): Map<string, string> {
  const values = new Map<string, string>()
  for (const argument of file.getInitialARGs()) {
    const property = argument.getProperty()
    const name = property?.getName() ?? ''
    const value = buildargs[name] ?? property?.getValue()
    if (value !== null && value !== undefined) values.set(name, value)
  }
  return values
}

/**
 * Reads the inputs of an image from its Dockerfile (Dockerfile reference: ARG before FROM, `--from`,
 * `--mount`).
 */
export async function dockerfileInputs(
  text: string,
  buildargs: Readonly<Record<string, string>> = {}
): Promise<DockerfileInputs> {
  // It takes 15 ms to load, and few repositories have a Dockerfile to build on.
  const { Add, Copy, DockerfileParser, From } = await import('dockerfile-ast')
  const file = DockerfileParser.parse(text)
  const lines = text.split(/\r?\n/)
  const wordsOf = (instruction: Instruction): string => {
    const { start, end } = instruction.getRange()
    return lines.slice(start.line, end.line + 1).join('\n')
  }
  const inputs = new InputCollector(initialArguments(file, buildargs))
  for (const instruction of file.getInstructions()) {
    if (instruction instanceof From) {
      inputs.from(instruction.getImage() ?? '$', instruction.getBuildStage())
      continue
    }
    inputs.mounts(wordsOf(instruction))
    if (instruction instanceof Copy || instruction instanceof Add) {
      inputs.copy(instruction, wordsOf(instruction))
    }
  }
  const { images, sources, isComplete } = inputs
  return { images: [...images], sources: [...sources], isComplete }
}
