/** Modules of Python's standard library that flows import, of 3.6 to 3.14. */
const NAMES = new Set(
  `abc argparse array ast asyncio base64 bisect builtins bz2 cProfile calendar cmd code codecs collections colorsys
concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime dbm decimal difflib dis
distutils email encodings enum errno fcntl filecmp fileinput fnmatch fractions ftplib functools gc getopt getpass gettext
glob graphlib grp gzip hashlib heapq hmac html http imaplib imp importlib inspect io ipaddress itertools json keyword
linecache locale logging lzma mailbox marshal math mimetypes mmap multiprocessing netrc numbers opcode operator optparse
os pathlib pickle pkgutil platform plistlib poplib posixpath pprint profile pstats pty pwd queue quopri random re
reprlib resource runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
sqlite3 ssl stat statistics string struct subprocess symtable sys sysconfig tarfile tempfile termios textwrap threading
time timeit token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest urllib uu uuid venv
warnings wave weakref webbrowser xml xmlrpc zipfile zipimport zlib zoneinfo`.split(/\s+/)
)

/**
 * The modules and packages that have the name of one of Python's standard library, in the folders that Python imports
 * from: one of the two hides the other.
 *
 * @param paths of all files, relative to the working directory
 * @param roots the folders, likewise; `.` for the working directory
 * @returns paths of modules, and of the `__init__.py` of packages
 */
export function likeStandardLibrary(
  paths: readonly string[],
  roots: readonly string[]
): readonly string[] {
  const prefixes = [...new Set(['.', ...roots])].map(root => (root === '.' ? '' : `${root}/`))
  return paths.filter(path =>
    prefixes.some(prefix => {
      if (!path.startsWith(prefix)) return false
      const [, name] = /^(\w+)(?:\/__init__)?\.py$/.exec(path.slice(prefix.length)) ?? []
      return name !== undefined && NAMES.has(name)
    })
  )
}
