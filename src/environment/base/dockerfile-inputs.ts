import { posix } from 'node:path'
import type { Add, Copy, Instruction } from 'dockerfile-ast'
import { expanded, initialArguments, StageVariables } from './dockerfile-variables.js'

/** What a Dockerfile builds on and copies, as far as its text tells. */
export interface DockerfileInputs {
  /** References of images; its own stages are not among them. */
  readonly images: readonly string[]
  /** Paths in the build context, without what follows a pattern; `.` is the context itself. */
  readonly sources: readonly string[]
  /** Whether these are all: nothing depends on something outside the text, such as an address that ADD reads. */
  readonly isComplete: boolean
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
  /** The variables of the current stage. */
  variables = new StageVariables()
  private readonly stages = new Map([['scratch', new StageVariables()]])

  /** @param initial the ARGs before the first FROM */
  constructor(private readonly initial: ReadonlyMap<string, string>) {}

  /** Begins a stage on an image or another stage. */
  stage(reference: string, name: string | null): void {
    this.from(reference)
    const outer = expanded(reference, this.initial)?.toLowerCase()
    this.variables = new StageVariables(this.stages.get(outer ?? ''))
    if (name !== null) this.stages.set(name.toLowerCase(), this.variables)
  }

  /** Adds an image, unless its reference names a stage of this Dockerfile. */
  private from(reference: string): void {
    const name = expanded(reference, this.initial)
    if (name === undefined) this.isComplete = false
    else if (!this.stages.has(name.toLowerCase()) && !/^\d+$/.test(name)) this.images.add(name)
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
  private source(written: string): void {
    const path = this.variables.expand(written)
    if (path === undefined || /"|^<<|:\/\//.test(path)) {
      this.isComplete = false
      return
    }
    this.sources.add(fixedPart(path))
    if (!this.variables.isSure(written)) this.isComplete = false
  }
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
  const { Add, Arg, Copy, DockerfileParser, Env, From } = await import('dockerfile-ast')
  const file = DockerfileParser.parse(text)
  const lines = text.split(/\r?\n/)
  const wordsOf = (instruction: Instruction): string => {
    const { start, end } = instruction.getRange()
    return lines.slice(start.line, end.line + 1).join('\n')
  }
  const before = file.getInitialARGs()
  const initial = initialArguments(
    before.flatMap(argument => argument.getProperties()),
    buildargs
  )
  const inputs = new InputCollector(initial)
  for (const instruction of file.getInstructions().slice(before.length)) {
    if (instruction instanceof From) {
      inputs.stage(instruction.getImage() ?? '$', instruction.getBuildStage())
      continue
    }
    const { variables } = inputs
    inputs.mounts(wordsOf(instruction))
    if (instruction instanceof Arg) variables.arg(instruction.getProperties(), buildargs, initial)
    else if (instruction instanceof Env) variables.env(instruction.getProperties())
    else if (instruction instanceof Copy || instruction instanceof Add) {
      inputs.copy(instruction, wordsOf(instruction))
    }
  }
  const { images, sources, isComplete } = inputs
  return { images: [...images], sources: [...sources], isComplete }
}
