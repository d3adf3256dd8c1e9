import { FlowstoreError } from '../errors.js'
import { installerEnvironment } from '../python/module-environment.js'
import { runProcess } from '../util/process.js'
import * as z from '../util/schema.js'

const schema = z.object({
  /** Path of the program, not that of a virtual environment. */
  executable: z.string(),
  /** `major.minor.micro`. */
  version: z.string(),
  /** `major.minor`. */
  minor: z.string(),
  /** Such as `x86_64`. */
  machine: z.string(),
  /** The C library: `glibc 2.36` or `musl`. */
  libc: z.string()
})

/** An interpreter of this machine that virtual environments are made from. */
export type MachinePython = z.infer<typeof schema>

/** The probe of the loader tells more, and takes ten times as long. */
const SCRIPT = `
import os, sys
minor = "%d.%d" % sys.version_info[:2]
program = os.path.join(sys.base_prefix, "bin", "python" + minor)
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION")
except (AttributeError, OSError, ValueError):
    libc = "musl"
fields = {
    "executable": program if os.path.exists(program) else sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "minor": minor,
    "machine": os.uname().machine,
    "libc": libc,
}
import json
print(json.dumps(fields))
`

/**
 * Asks an interpreter on Linux what it is.
 *
 * @throws FlowstoreError PYTHON_NOT_FOUND if it does not answer
 */
export async function machinePython(
  path: string,
  env: Readonly<Record<string, string | undefined>>
): Promise<MachinePython> {
  const { stdout, stderr } = await runProcess(path, ['-I', '-c', SCRIPT], {
    env: installerEnvironment(env)
  })
  try {
    return schema.parse(JSON.parse(stdout))
  } catch (error) {
    throw new FlowstoreError('PYTHON_NOT_FOUND', `${path} does not say what it is`, {
      detail: stderr.trim() || undefined,
      cause: error
    })
  }
}
