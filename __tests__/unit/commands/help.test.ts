import { expect, test } from '@jest/globals'
import { helpText } from '../../../src/commands/help.js'
import { ENTRIES, OPTION_KEYS, optionName } from '../../../src/options/values/names.js'

const lines = (...topics: string[]) => helpText(topics).split('\n')

test.each([[[]], [['build']], [['run']]])('the help of %j fits on a screen', topics => {
  expect(lines(...topics).length).toBeGreaterThanOrEqual(20)
  expect(lines(...topics).length).toBeLessThanOrEqual(50)
  expect(Math.max(...lines(...topics).map(line => line.length))).toBeLessThanOrEqual(100)
})

test.each(['flows', 'storage', 'image', 'environment', 'docker-daemon', 'loading', 'output'])(
  'the help of build names the options of %s, and its topic describes them',
  word => {
    const keys = OPTION_KEYS.filter(
      key => key !== 'flows' && ENTRIES[key].group.toLowerCase().replace(' ', '-') === word
    )
    const [build, group] = [helpText(['build']), helpText(['build', word])]
    for (const key of keys) {
      expect(build).toContain(` --${optionName(key)}`)
      expect(group).toContain(`  --${optionName(key)} `)
    }
    expect(keys.length).toBeGreaterThan(0)
  }
)

test('a topic is a group, an option in any notation, or all', () => {
  expect(helpText(['build', 'Docker daemon'])).toContain('--tls-config')
  expect(helpText(['build', '--no-push'])).toMatch(/^ {2}--push {2}Whether/)
  expect(helpText(['build', 'all'])).toContain(helpText(['build', 'image']))
})

test.each([
  [['build', 'imgae'], expect.stringMatching(/^Did you mean 'image'\? The groups are flows, /)],
  [['build', 'regstry-url'], expect.stringContaining("Did you mean 'registry-url'?")],
  [
    ['build', 'nope'],
    'The groups are flows, storage, image, environment, docker-daemon, loading, deployments, output, all.'
  ],
  [['buidl'], "Did you mean 'flowstore help build'?"],
  [['build', 'artifact'], expect.any(String)]
])('%j is an error with the nearest topic', (topics, hint) => {
  expect(() => helpText(topics)).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION', hint }))
})
