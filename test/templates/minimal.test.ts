import { expect, test } from 'vitest'
import { scaffoldedFolder } from './scaffolded.ts'

test('minimal is checked, tested, run, trained and served in well under a minute', { timeout: 60_000 }, async () => {
  const project = await scaffoldedFolder('minimal')
  await project.fti('check')
  expect(await project.ownTests('tests/features.test.mjs')).toMatch(/^# fail 0$/m)
  const { groups } = (await project.fti('feature', 'run')) as { groups: { outcome: { appended: number } }[] }
  expect(groups.map(({ outcome }) => outcome.appended)).toEqual([200])
  await project.fti('train')
  await project.fti('registry', 'promote', 'busy_day@candidate', '--to', 'champion')
  await project.fti('feature', 'sync', '--as-of', '2025-04-20T00:00Z')
  const url = await project.serve('--now', '2025-04-20T00:00Z')
  const ask = async (rain: number) => {
    const instances = [{ station: 'harbour', yesterday: '2025-04-19', rain_forecast: rain }]
    const reply = await fetch(`${url}/v1/services/busy_day/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances }),
    })
    return (
      ((await reply.json()) as { predictions: { probability: number }[] }).predictions[0]?.probability ?? Number.NaN
    )
  }
  expect(await ask(0)).toBeGreaterThan(await ask(9))
})
