// A table of many small commits: what it costs to know which files to read, beside reading them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'

export const name = 'a log of many commits'

export async function run({ small, note }) {
  const commits = small ? 120 : 1000
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-log-'))
  try {
    note(`${commits} commits of 1,000 rows`)
    const child = join(import.meta.dirname, 'log/fti.mjs')
    const { many, one } = await runChild(process.execPath, [child, folder, String(commits)])
    const row = (what, ms, more) => ({ what, value: ms, unit: 'ms', ...more })
    return [
      row(`read ${commits} files`, many.read),
      row('plan', many.plan, { ratioTo: `read ${commits} files`, atMost: 0.2 }),
      row('read after fti store optimize', one.read, { ratioTo: `read ${commits} files` }),
      row('plan after fti store optimize', one.plan, { ratioTo: 'plan' }),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
