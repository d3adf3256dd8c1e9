import { execFileSync } from 'node:child_process'

/** The commit of the checkout, and whether a file other than one differs from it. */
export const commitBut = file => {
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  return {
    head: git('rev-parse', '--short=12', 'HEAD'),
    isChanged: git('status', '--porcelain', '--', '.', `:!${file}`) !== ''
  }
}

/** The commit in parentheses, for the line of a result. */
export const shownCommit = ({ head, isChanged }) =>
  `(commit ${head}${isChanged ? ' with changes' : ''})`
