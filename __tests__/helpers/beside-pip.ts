import { run } from './flowstore.js'

/**
 * Prints what is in an image, one JSON object per line: path, mode, owner, and a hash of the content or of the target of a
 * link. Bytecode counts by what it runs and which file it names; a RECORD by the files that a wheel brings.
 */
const WALK = `
import csv, hashlib, io, json, marshal, os, stat

def described(value):
    if hasattr(value, "co_code"):
        names = [value.co_names, value.co_varnames, value.co_filename, value.co_firstlineno]
        return repr((value.co_code, names, [described(each) for each in value.co_consts]))
    if isinstance(value, frozenset):
        return repr(sorted(map(repr, value)))
    return repr(value)

def content(path):
    data = open(path, "rb").read()
    if path.endswith(".pyc"):
        return described(marshal.loads(data[16:])).encode()
    if path.endswith(".dist-info/RECORD"):
        rows = list(csv.reader(io.StringIO(data.decode())))
        left_out = (".pyc", "/INSTALLER", "/REQUESTED", "/RECORD")
        return repr(sorted(
            row for row in rows if not row[0].endswith(left_out) and not row[0].startswith("../../../bin/")
        )).encode()
    return data

# What the kernel or Docker mounts.
MOUNTED = {"/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv"}
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in MOUNTED]
    for name in folders + files:
        path = os.path.join(folder, name)
        if path in MOUNTED:
            continue
        facts = os.lstat(path)
        data = b""
        if stat.S_ISREG(facts.st_mode):
            data = content(path)
        elif stat.S_ISLNK(facts.st_mode):
            data = os.readlink(path).encode()
        print(json.dumps({
            "path": path,
            "facts": [oct(facts.st_mode), facts.st_uid, facts.st_gid],
            "content": hashlib.sha256(data).hexdigest(),
        }))
`

interface Walked {
  readonly path: string
  readonly facts: readonly unknown[]
  readonly content: string
}

/** Where an image differs from one in which pip installed, and why. */
export interface Difference {
  readonly where: RegExp
  readonly how: 'content' | 'only pip' | 'only direct'
  readonly why: string
}

/** The differences of every image. */
export const DIFFERENCES: readonly Difference[] = [
  {
    where: /\.dist-info\/INSTALLER$/,
    how: 'content',
    why: 'it names the installer: uv'
  },
  {
    where: /\.dist-info\/REQUESTED$/,
    how: 'only direct',
    why: 'uv marks all packages as asked for, and pip only those of the requirements'
  },
  {
    where: /^\/usr\/local\/bin\/[\w.-]+$/,
    how: 'content',
    why: 'uv writes the same start of a console script with fewer lines'
  },
  {
    where: /^\/root\/(?:\.cache|\.prefect|\.config)(?:\/|$)/,
    how: 'only pip',
    why: 'a build in the image runs pip and Prefect, which write to the home folder'
  },
  {
    where: /^\/tmp\/flowstore-requirements$/,
    how: 'only pip',
    why: 'a build in the image mounts the requirement files there'
  }
]

/** What a command prints in a container of an image; else how it ended. */
export async function inImage(image: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('docker', ['run', '--rm', image, ...command])
  return code === 0 ? stdout : `exit code ${code}: ${stderr}`
}

async function walked(image: string): Promise<Map<string, Walked>> {
  const lines = (await inImage(image, 'python', '-c', WALK)).trim().split('\n')
  const files = lines.map(line => JSON.parse(line) as Walked)
  return new Map(files.map(file => [file.path, file]))
}

/**
 * Compares all files of an image with those of one in which pip installed.
 *
 * @param table the differences that are meant
 * @returns the differences that the table does not have, its rows that no file has, and the number of files
 */
export async function besidePip(
  direct: string,
  pip: string,
  table: readonly Difference[]
): Promise<{ unexplained: unknown[]; unused: Difference[]; files: number }> {
  const [one, two] = await Promise.all([walked(direct), walked(pip)])
  const differences = [...new Set([...one.keys(), ...two.keys()])].flatMap(path => {
    const [ours, pips] = [one.get(path), two.get(path)]
    if (ours === undefined) return [{ path, how: 'only pip' }]
    if (pips === undefined) return [{ path, how: 'only direct' }]
    if (JSON.stringify(ours.facts) !== JSON.stringify(pips.facts)) {
      return [{ path, how: `${ours.facts.join(' ')} instead of ${pips.facts.join(' ')}` }]
    }
    return ours.content === pips.content ? [] : [{ path, how: 'content' }]
  })
  const explains = (row: Difference, { path, how }: { path: string; how: string }) =>
    row.how === how && row.where.test(path)
  return {
    unexplained: differences.filter(each => !table.some(row => explains(row, each))),
    unused: table.filter(row => !differences.some(each => explains(row, each))),
    files: one.size
  }
}
