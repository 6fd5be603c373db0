import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareContracts } from '../../src/contract/index.ts'
import { latestContract, listGroups, publishContract, readContracts } from '../../src/store/index.ts'
import { delays, TemporaryStore } from './temporary-store.ts'

const first = { version: 1, changes: [], class: 'first', by: 'me', now: new Date('2013-01-01T00:00:00Z') } as const
const described = { ...delays, description: 'Delays' }
const changes = compareContracts(delays, described)

test('what was published is read back, oldest first', async () => {
  const { root } = new TemporaryStore()
  expect(await readContracts(root, 'delays')).toEqual([])
  await publishContract(root, delays, { ...first, why: 'because' })
  await publishContract(root, described, { ...first, changes, class: 'compatible' })
  expect(await readContracts(root, 'delays')).toMatchObject([
    { format: 1, revision: 1, version: 1, class: 'first', contract: delays, by: 'me', why: 'because' },
    { revision: 2, version: 1, class: 'compatible', contract: described, changes },
  ])
  expect((await latestContract(root, 'delays'))?.revision).toBe(2)
  expect(await listGroups(root)).toEqual(['delays'])
})

test('of many that publish different contracts at once one wins', async () => {
  const { root } = new TemporaryStore()
  const rivals = Array.from({ length: 8 }, (_, index) =>
    publishContract(root, { ...delays, owner: `team ${index}` }, first),
  )
  const results = await Promise.allSettled(rivals)
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'FTI_STORE_CONFLICT', exit: 4 })
  expect(readdirSync(join(root, '_contracts/delays'))).toEqual(['1.json'])
})

test('many that publish the same contract at once all have it', async () => {
  const { root } = new TemporaryStore()
  const results = await Promise.all(Array.from({ length: 8 }, () => publishContract(root, delays, first)))
  expect(new Set(results.map((published) => published.revision))).toEqual(new Set([1]))
})

test('changes that were compared with an older contract are refused', async () => {
  const { root } = new TemporaryStore()
  await publishContract(root, delays, first)
  await publishContract(root, described, { ...first, changes, class: 'compatible' })
  const late = publishContract(
    root,
    { ...delays, owner: 'x' },
    { ...first, changes: compareContracts(delays, { ...delays, owner: 'x' }), class: 'compatible' },
  )
  await expect(late).rejects.toMatchObject({ code: 'FTI_STORE_CONFLICT' })
})

test.each(['{', '{"format":2}', '{"format":1,"revision":1}'])('a contract file with %j is corrupt', async (text) => {
  const { root } = new TemporaryStore()
  await publishContract(root, delays, first)
  const path = join(root, '_contracts/delays/1.json')
  writeFileSync(path, text)
  await expect(readContracts(root, 'delays')).rejects.toMatchObject({
    code: 'FTI_CONTRACT_CORRUPT',
    exit: 5,
    place: path,
  })
  expect(await listGroups(root)).toEqual(['delays'])
})

test('a missing number is corrupt', async () => {
  const { root } = new TemporaryStore()
  await publishContract(root, delays, first)
  writeFileSync(
    join(root, '_contracts/delays/3.json'),
    JSON.stringify({ ...(await latestContract(root, 'delays')), revision: 3 }),
  )
  await expect(readContracts(root, 'delays')).rejects.toMatchObject({ code: 'FTI_CONTRACT_CORRUPT' })
})

test.each(['../x', 'A', '', '_contracts'])('the group name %j is refused', async (group) => {
  const { root } = new TemporaryStore()
  await expect(readContracts(root, group)).rejects.toMatchObject({ code: 'FTI_NAME_UNSAFE' })
})
