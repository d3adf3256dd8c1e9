import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { tmpdir } from 'node:os'
import * as core from '@actions/core'
import { errorsOf } from './errors.js'
import { inputOptions } from './options/options.js'
import { buildStorage } from './build/build.js'
import { annotate, annotateNotice, publishToJob } from './publish/actions.js'
import { publishFiles, removeEarlier } from './publish/files.js'
import { terminalReport } from './publish/text.js'
import { endOnSignals } from './util/scope.js'
import { Recorder } from './log.js'
import { keepMemorySmall } from './util/memory.js'
import { reportJson } from './report.js'

/** Values that the runner keeps out of logs, as far as this step can know them. */
function maskedValues(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /(TOKEN|SECRET|PASSWORD)$/.test(name) ? [value] : []
  )
}

/** The Action: reads inputs, runs the pipeline, publishes all at the end. */
export async function runAction(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  try {
    const cwd = process.cwd()
    const options = inputOptions(env, cwd)
    const log = new Recorder({
      info: core.info,
      debug: core.debug,
      notice: annotateNotice,
      begin: core.startGroup,
      end: (phase, seconds) => {
        core.endGroup()
        core.info(`${phase}: ${seconds.toFixed(1)} s`)
      }
    })
    const cache = resolve(env['RUNNER_TOOL_CACHE'] || join(tmpdir(), 'flowstore'))
    const output = resolve(cwd, options.outputDirectory)
    await removeEarlier(output)
    keepMemorySmall()
    endOnSignals()
    const build = await buildStorage(options, { cwd, env, cache }, log)
    const published: string[] = []
    try {
      published.push(...(await publishFiles(build.files, output)))
      const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
      const outputs = await publishToJob(
        build,
        options.uploadArtifact ? options.artifactName : undefined,
        {
          runUrl:
            server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
          hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
          masked: maskedValues(env)
        }
      )
      // Only now is it known where the artifact is.
      const report = { ...build.report, outputs }
      await publishFiles(new Map([['report.json', reportJson(report)]]), output)
    } catch (error) {
      for (const file of published) await rm(file, { force: true })
      build.discard()
      throw error
    }
    core.info(terminalReport(build))
  } catch (thrown) {
    const errors = errorsOf(thrown)
    errors.forEach(annotate)
    process.exitCode = errors[0]?.exitCode ?? 1
  }
}
