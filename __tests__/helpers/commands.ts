/**
 * The lines that a CI service reads as a command: GitHub's runner `::name` at the start of a line and `##[name]`
 * anywhere, Azure DevOps `##vso[`, GitLab control characters.
 */
export const commandsIn = (printed: string): string[] =>
  printed.split('\n').filter(line => /^\s*::|##\w*\[|[\p{Cc}\p{Zl}\p{Zp}]/u.test(line))
