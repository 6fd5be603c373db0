// The point-in-time join: 1M spine rows x 10M rows of one group x 10 features, 30 days of age, from Parquet to Parquet.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leanest, runChild } from './child.mjs'
import { mustAgree } from './join/agree.mjs'

export const name = 'point-in-time join'

const sizes = { small: [20_000, 200_000, 2000], full: [1_000_000, 10_000_000, 100_000] }
/** On one thread, where its time is its CPU. */
const scan = 'scan, all columns, warm'
const here = join(import.meta.dirname, 'join')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])

export async function run({ peers, small, python, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-join-'))
  const [spine, features, entities] = small ? sizes.small : sizes.full
  const times = small ? 3 : 2
  try {
    note(`${spine} spine rows, ${features} feature rows of ${entities} entities`)
    await node('data.mjs', folder, spine, features, entities)
    const floor = await leanest(times, () => node('scan.mjs', folder))
    const alone = await leanest(times, () => node('scan.mjs', folder, 1))
    const rows = [...measures(scan, alone), ...measures(`${scan}, all cores`, floor)]
    const answers = []
    for (const plan of ['window', 'frontier', 'auto']) {
      note(plan)
      const ours = await leanest(times, () => node('fti.mjs', folder, plan))
      answers.push(ours)
      const text = [
        `${(ours.wallS / floor.wallS).toFixed(2)} x the scan on all cores`,
        `${ours.matched} found, ${ours.tooOld} too old; plan ${ours.plan}; the join alone ${ours.joinS.toFixed(2)} s`,
      ].join('; ')
      const bound = plan === 'auto' ? { atMost: 5 } : {}
      rows.push(...measures(`fti ${plan}`, ours, { floor: scan, ...bound }, text))
    }
    for (const answer of answers) mustAgree(answers[0].check, answer.check, `plan ${answer.plan}`)
    if (peers) rows.push(...(await feast({ folder, python, note })))
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function feast({ folder, python, note }) {
  note('Feast, DuckDB offline store')
  const theirs = await leanest(2, () => runChild(python, [join(here, 'feast_join.py'), folder]))
  const leaky = await node('fti.mjs', folder, 'window', 'leaky')
  mustAgree(leaky.check, theirs.check, 'Feast and fti with availability ignored')
  return [
    ...measures('fti, availability ignored', leaky, { floor: scan }, 'answers what Feast answers'),
    ...measures(
      'Feast, DuckDB store',
      theirs,
      { floor: 'fti auto', atLeast: 2.5 },
      `${theirs.check.hits} found; equal to fti with availability ignored`,
    ),
  ]
}

function measures(what, { wallS, cpuS, rssGiB }, { floor, ...bound } = {}, text = undefined) {
  const ratio = (unit) => (floor === undefined ? {} : { ratioTo: `${floor}${unit}` })
  return [
    { what, value: wallS, unit: 's', ...ratio(''), ...bound, ...(text && { note: text }) },
    { what: `${what}, CPU`, value: cpuS, unit: 's', ...ratio(', CPU') },
    { what: `${what}, memory`, value: rssGiB, unit: 'GiB' },
  ]
}
