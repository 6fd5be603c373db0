import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../inference/serving.ts'
import { PumpProject } from '../training/pump-project.ts'

const bin = join(import.meta.dirname, '../../bin/run.js')
const instance = { pump: 'north', backup: 'south', weight: 10, planned_at: '2025-02-01T10:00:00Z' }

let trained: PumpProject

beforeAll(async () => {
  trained = await PumpProject.create().runFeatures()
  await trained.train()
  await run(trained, 'registry', 'promote', 'failing_check@1')
}, 60_000)

async function run(
  project: PumpProject,
  ...words: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [bin, ...words], { cwd: project.directory, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
  const [code] = await once(child, 'close')
  return { code: Number(code), stdout: stdout(), stderr: stderr() }
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  return () => text
}

interface Server {
  readonly process: ChildProcess
  readonly url: string
  readonly stderr: () => string
}

/** The real program with its own stderr; ends with the test. */
async function serve(project: PumpProject): Promise<Server> {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json'], {
    cwd: project.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await once(child, 'exit')
  })
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
  await until(() => {
    if (child.exitCode !== null) throw new Error(stderr())
    return stdout().endsWith('}\n')
  }, 25_000)
  const { data } = JSON.parse(stdout()) as { data: { url: string } }
  return { process: child, url: data.url, stderr }
}

async function ask({ url }: Server): Promise<{ model: string; probability: number }> {
  const reply = await fetch(`${url}/v1/services/failing_check/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances: [instance] }),
  })
  const { model, predictions } = (await reply.json()) as { model: string; predictions: { probability: number }[] }
  return { model, probability: predictions[0]?.probability ?? Number.NaN }
}

const ready = async ({ url }: Server) =>
  (await (await fetch(`${url}/health/ready`)).json()) as { degraded: boolean; source: string }

async function killed(server: Server): Promise<void> {
  server.process.kill('SIGKILL')
  await once(server.process, 'exit')
}

describe('a server that was killed with -9', () => {
  test('and finds its registry moved away serves the same predictions, degraded, and goes back to it', async () => {
    const project = trained.copy()
    const first = await serve(project)
    const before = await ask(first)
    await killed(first)
    const registry = join(project.directory, 'registry')
    renameSync(registry, `${registry}-away`)

    const second = await serve(project)
    expect(await ask(second)).toEqual(before)
    expect(await ready(second)).toMatchObject({ degraded: true, source: 'copy' })
    expect(second.stderr()).toMatch(/the registry cannot be read, the last good version goes on/)
    expect(second.stderr()).toMatch(/failing_check@1 answers, from the copy that was kept at/)

    renameSync(`${registry}-away`, registry)
    await until(async () => !(await ready(second)).degraded)
    expect(await ready(second)).toMatchObject({ source: 'registry' })
    expect(await ask(second)).toEqual(before)
  })

  test('and finds its champion damaged serves the same predictions, degraded', async () => {
    const project = trained.copy()
    const first = await serve(project)
    const before = await ask(first)
    await killed(first)
    const weights = join(project.directory, 'registry/failing_check/versions/1/weights.bin')
    const bytes = readFileSync(weights)
    bytes[0] = (bytes[0] ?? 0) ^ 1
    writeFileSync(weights, bytes)
    const second = await serve(project)
    expect(await ask(second)).toEqual(before)
    expect(await ready(second)).toMatchObject({ degraded: true, source: 'copy' })
    expect(second.stderr()).toContain('failing_check@1 was refused')
  })
})

test('a server that finds its port in use has not said before that it answers', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const { code, stdout, stderr } = await run(trained, 'serve', '--port', String(port))
  other.close()
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
  expect(stderr).toContain('FTI_PORT_IN_USE')
  expect(stderr).not.toContain('answers')
})
