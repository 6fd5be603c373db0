import { expect, test } from 'vitest'
import { scaffoldedFolder } from './scaffolded.ts'

test('minimal is checked, run, tested and trained in well under a minute', { timeout: 60_000 }, async () => {
  const project = await scaffoldedFolder('minimal')
  await project.fti('check')
  expect(await project.ownTests('tests/features.test.mjs')).toMatch(/^# fail 0$/m)
  const { groups } = (await project.fti('feature', 'run')) as { groups: { outcome: { appended: number } }[] }
  expect(groups.map(({ outcome }) => outcome.appended)).toEqual([200])
  await project.fti('train')
  await project.fti('registry', 'promote', 'busy_day@candidate', '--to', 'champion')
})
