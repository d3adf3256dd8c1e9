import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { githubJob } from './ci/github.js'
import { buildAndPublish } from './commands/publish-build.js'
import { errorsOf } from './errors.js'
import { Recorder } from './log.js'
import { checkOptions, inputTexts, isInputFalse } from './options/options.js'
import { workingDirectory } from './options/working-directory.js'
import { annotateError, annotateNotice } from './publish/annotations.js'
import { LiveLine } from './publish/live-line.js'
import { artifactUpload, publishFailure, publishToJob } from './publish/job.js'
import { terminalReport } from './publish/terminal.js'
import { orInterrupted } from './util/interruption.js'
import { pathFrom } from './util/relative-path.js'
import { onWorkOver } from './util/scope.js'
import { unlessStuck } from './util/stuck.js'

/**
 * Shows a build in the log of a GitHub job.
 *
 * @param folder gives the working directory, relative to the workspace
 */
function jobLog(folder: () => string): Recorder {
  const live = new LiveLine({
    write: text => void process.stdout.write(text),
    isTerminal: false
  })
  return new Recorder({
    info: line => {
      live.write(`${line}\n`)
    },
    debug: core.debug,
    progress: text => {
      live.update(text)
    },
    notice: notice => {
      annotateNotice(notice, folder())
    },
    mask: core.setSecret,
    begin: core.startGroup,
    end: (phase, seconds) => {
      live.end()
      core.endGroup()
      core.info(`${phase}: ${seconds.toFixed(1)} s`)
    }
  })
}

/** The Action: reads the inputs, runs the build, deploys if it is asked to, publishes the results. */
export async function runAction(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const workspace = process.cwd()
  let folder = ''
  const log = jobLog(() => folder)
  const job = githubJob(env)
  // Inputs that are not valid fail the run too, so this one is read on its own.
  const hasSummary = job.hasSummary && !isInputFalse(env, 'summary')
  try {
    const inputs = inputTexts(env)
    const cwd = await workingDirectory(inputs, workspace)
    folder = pathFrom(workspace, cwd)
    const options = checkOptions(inputs, cwd)
    const cache = resolve(env['RUNNER_TOOL_CACHE'] || join(tmpdir(), 'flowstore'))
    const artifactName = options.uploadArtifact ? options.artifactName : undefined
    const upload = artifactUpload({ ...job, artifactName })
    const published = await unlessStuck(buildAndPublish(options, { cwd, env, cache }, log, upload))
    const masked = [...job.masked, ...log.hidden]
    await publishToJob(published, { masked, hasSummary })
    core.info(terminalReport(published.build.report, published.report.outputs))
  } catch (thrown) {
    const errors = errorsOf(orInterrupted(thrown))
    for (const error of errors) annotateError(error, folder)
    process.exitCode = errors[0]?.exitCode ?? 1
    await publishFailure(errors, log.notices, { hasSummary })
  } finally {
    onWorkOver()
  }
}
