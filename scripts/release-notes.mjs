// Prints the section of CHANGELOG.md for a release, from the current folder:
// node scripts/release-notes.mjs v1.2.3
import { readFileSync } from 'node:fs'

const tag = process.argv[2]
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m)
const section = sections.find(text => text.startsWith(`[${version}]`)) ?? ''
const notes = section.split('\n').slice(1).join('\n').trim()

if (tag !== `v${version}`) {
  console.error(`the tag is ${tag}, and package.json has the version ${version}`)
  process.exitCode = 1
} else if (notes === '') {
  console.error(`CHANGELOG.md has no entries for ${version}`)
  process.exitCode = 1
} else {
  console.log(notes)
}
