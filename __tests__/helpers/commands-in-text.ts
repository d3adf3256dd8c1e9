/**
 * The commands that a CI service reads from what a step prints, as GitHub's runner finds them (`ActionCommand` in
 * actions/runner: `::name` at the start of a line and `##[name` anywhere), and Azure DevOps, TeamCity and GitLab.
 */
export function commandsIn(printed: string): string[] {
  return printed.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).flatMap(line => [
    ...(/^[\s\u0085\uFEFF\p{Cc}\p{Cf}]*::.*/u.exec(line) ?? []),
    ...(/##\w*\[.*/.exec(line) ?? []),
    // eslint-disable-next-line no-control-regex -- GitLab's command has one
    ...(/section_(?:start|end):.*\u001b/.exec(line) ?? [])
  ])
}
