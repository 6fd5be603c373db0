import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { acquireLock } from '../../src/runs/index.ts'

// Arguments: folder, start (epoch ms), mode. `count`: adds one to a number under the lock, ten times.
// `try`: takes the lock or not, says so in a file, keeps it until all 20 have said. `hold`: takes it, says so, waits to be killed.
const [folder = '', start = '0', mode = 'count'] = process.argv.slice(2)
await sleep(Number(start) - Date.now())
if (mode === 'count') {
  const counter = join(folder, 'counter')
  for (let round = 0; round < 10; round++) {
    const lock = await acquireLock(folder, 'train', { command: 'fti train', waitMs: 60_000 })
    const before = Number(await readFile(counter, 'utf8'))
    await sleep(Math.random() * 3)
    await writeFile(counter, String(before + 1))
    await lock.release()
  }
} else {
  const outcome = await acquireLock(folder, 'train', { command: 'fti train' }).then(
    () => 'taken',
    (error: { code: string }) => error.code,
  )
  await appendFile(join(folder, 'outcomes'), `${process.pid} ${outcome}\n`)
  if (mode === 'hold') {
    process.stdout.write('held\n')
    await sleep(60_000)
  }
  const said = async () => (await readFile(join(folder, 'outcomes'), 'utf8')).split('\n').length - 1
  while (outcome === 'taken' && (await said()) < 20) await sleep(50)
}
