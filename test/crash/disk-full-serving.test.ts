import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../inference/serving.ts'
import { SmallDisk } from './small-disk.ts'
import { fti, SmallProject } from './small-project.ts'

const bin = join(import.meta.dirname, '../../bin/run.js')
const disk = SmallDisk.mount('serving on a full disk')
const isLong = process.env['FTI_LONG'] !== undefined

let project: SmallProject
beforeAll(async () => {
  if (!disk) return
  project = await SmallProject.make()
  await fti(project.directory, 'feature', 'run')
  await fti(project.directory, 'train')
  await fti(project.directory, 'registry', 'promote', 'busy_day@1')
}, 60_000)
afterAll(async () => {
  await project?.remove()
  disk?.unmount()
})

// A prediction log takes room by the MiB.
const rooms = isLong ? [0, 4, 8, 64, 256, 1016, 1020, 1024, 1028, 1100, 2200] : [64]

test.runIf(disk)(
  `a server on a disk with ${rooms.join(', ')} KiB left answers every request, counts the log lines that it loses, and logs again when there is room`,
  async () => {
    if (!disk) return
    let [lost, logged] = [0, 0]
    for (const kib of rooms) {
      const server = await serve(await freshCopy(disk))
      const asked: string[] = []
      const before = await ask(server, asked)
      // The segment of before is full of room: with the next one the server meets the disk as it is now.
      await server.stop()
      const again = await serve(server.directory)
      const whileFull = await disk.holdingOnly(kib, async () => {
        const answers = [await ask(again, asked), await ask(again, asked), await ask(again, asked)]
        expect(answers, `${kib} KiB`).toEqual([before, before, before])
        return asked.length
      })
      await sleep(1100)
      await until(async () => {
        await ask(again, asked)
        const { lines, lost } = await counts(again)
        // A server that had room loses none, one that had none has tried again.
        return lines > 0 && lines + lost === asked.length - 1
      })
      const counted = await counts(again)
      expect(await again.stop()).toBe(0)
      await (await serve(server.directory)).stop()
      const ids = await idsIn(join(server.directory, 'store/_predictions/busy_day'))
      expect(ids, `${kib} KiB`).toEqual([...new Set(ids)])
      expect(ids.filter((id) => !asked.includes(id))).toEqual([])
      expect(ids.at(-1)).toBe(asked.at(-1))
      expect(ids.length).toBeGreaterThanOrEqual(1 + counted.lines)
      if (kib < 1024) expect(counted.lost).toBeGreaterThanOrEqual(whileFull - 1)
      lost += counted.lost
      logged += ids.length
    }
    process.stderr.write(
      `fti serve on ${rooms.length} full disks: ${logged} lines logged, ${lost} counted as lost; violations 0\n`,
    )
  },
  600_000,
)

interface Server {
  readonly directory: string
  readonly url: string
  /** Ends it as a supervisor does; its exit code. */
  stop(): Promise<number | null>
}

async function freshCopy({ path }: SmallDisk): Promise<string> {
  const directory = join(path, 'project')
  await rm(directory, { recursive: true, force: true })
  await cp(project.directory, directory, { recursive: true })
  return directory
}

async function serve(directory: string): Promise<Server> {
  const child: ChildProcess = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until(() => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    return said.endsWith('}\n')
  }, 25_000)
  const { data } = JSON.parse(said) as { data: { url: string } }
  return {
    ...{ directory, url: data.url },
    stop: async () => {
      const closed = once(child, 'exit')
      child.kill('SIGTERM')
      return (await closed)[0] as number | null
    },
  }
}

/** The answer to always the same question; its id goes to those that were asked. */
async function ask({ url }: Server, asked: string[]): Promise<{ status: number; probability: number | undefined }> {
  const reply = await fetch(`${url}/v1/services/busy_day/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances: [{ station: 'harbour', yesterday: '2025-04-20', rain_forecast: 1 }] }),
  })
  const body = (await reply.json()) as { requestId: string; predictions?: { probability: number }[] }
  asked.push(body.requestId)
  return { status: reply.status, probability: body.predictions?.[0]?.probability }
}

async function counts({ url }: Server): Promise<{ lines: number; lost: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const read = (name: string) => Number(new RegExp(`^fti_prediction_log_${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1])
  return { lines: read('lines_total'), lost: read('lost_total') }
}

/** Requests in a log that nobody writes, in their order; each line must be whole. */
async function idsIn(log: string): Promise<string[]> {
  const names = (await readdir(log)).sort()
  expect(names.filter((name) => !name.endsWith('.ndjson'))).toEqual([])
  const texts = await Promise.all(names.map((name) => readFile(join(log, name), 'utf8')))
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => (JSON.parse(line) as { id: string }).id)
}
