import { sha256 } from '../../src/util/hash.js'
import { WHEEL } from './packages.js'

/** A project of uv with its lock file: `rain` alone, from an index with the name `own`. */
export const uvFiles = (index: string): Readonly<Record<string, string>> => ({
  'pyproject.toml': `[project]
name = "weather"
version = "1"
requires-python = ">=3.9"
dependencies = ["rain"]

[[tool.uv.index]]
name = "own"
url = "${index}"
default = true
`,
  'uv.lock': `version = 1
revision = 3
requires-python = ">=3.9"

[[package]]
name = "rain"
version = "1"
source = { registry = "${index}" }
wheels = [
    { url = "${new URL(`/files/${WHEEL.name}`, index).href}", hash = "sha256:${WHEEL.hash()}" },
]

[[package]]
name = "weather"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "rain" }]

[package.metadata]
requires-dist = [{ name = "rain" }]
`
})

/** A project of poetry with its lock file: `rain` alone, from an index with the name `own`. */
export function poetryFiles(index: string): Readonly<Record<string, string>> {
  // What poetry hashes of the pyproject.toml, as Python writes JSON.
  const content = `{"dependencies": {"python": ">=3.9", "rain": {"source": "own", "version": "1"}}, "dev-dependencies": null, "extras": null, "source": [{"name": "own", "priority": "explicit", "url": "${index}"}]}`
  return {
    'pyproject.toml': `[tool.poetry]
name = "weather"
version = "1"
package-mode = false

[tool.poetry.dependencies]
python = ">=3.9"
rain = { version = "1", source = "own" }

[[tool.poetry.source]]
name = "own"
url = "${index}"
priority = "explicit"
`,
    'poetry.lock': `[[package]]
name = "rain"
version = "1"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [{ file = "${WHEEL.name}", hash = "sha256:${WHEEL.hash()}" }]

[package.source]
type = "legacy"
url = "${index}"
reference = "own"

[metadata]
lock-version = "2.1"
python-versions = ">=3.9"
content-hash = "${sha256(content)}"
`
  }
}
