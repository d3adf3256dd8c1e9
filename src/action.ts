import { join, resolve } from 'node:path'
import { tmpdir } from 'node:os'
import * as core from '@actions/core'
import { errorsOf } from './errors.js'
import { inputOptions } from './options/options.js'
import { buildStorage } from './build/build.js'
import { annotateError, annotateNotice } from './publish/annotations.js'
import { publishToDirectory } from './publish/directory.js'
import { removeEarlier } from './publish/files.js'
import { publishToJob } from './publish/job.js'
import { terminalReport } from './publish/terminal.js'
import { endOnSignals } from './util/scope.js'
import { Recorder } from './log.js'
import { keepMemorySmall } from './util/memory.js'

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
    const published = await publishToDirectory(build, output)
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
    const outputs = await publishToJob(published, {
      artifactName: options.uploadArtifact ? options.artifactName : undefined,
      runUrl:
        server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
      hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
      masked: maskedValues(env)
    })
    core.info(terminalReport(build.report, outputs['storage-path']))
  } catch (thrown) {
    const errors = errorsOf(thrown)
    errors.forEach(annotateError)
    process.exitCode = errors[0]?.exitCode ?? 1
  }
}
