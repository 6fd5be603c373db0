import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openEngine } from '../../src/engine/index.ts'
import { tablePath } from '../../src/store/index.ts'
import { groups, type Page, pageOf, readPage } from './ledger.ts'

/** What a reader says when its standard input ends. */
export interface Readings {
  /** How often it read through fti, and how often only what the log of the table and its Parquet files say. */
  readonly reads: number
  readonly plainReads: number
  readonly versions: number
  readonly torn: readonly string[]
  readonly duplicated: number
  /** What else may never be: versions that go back, that lack what an older one had, or that read otherwise than before. */
  readonly wrong: readonly string[]
}

const [folder = '', store = ''] = process.argv.slice(2)
const readings = { reads: 0, plainReads: 0, torn: [] as string[], duplicated: 0, wrong: [] as string[] }
/** Of each group, each version's page as it was read first. */
const seen = new Map<string, Map<number, Page>>(groups.map((group) => [group, new Map()]))

let isOver = false
process.stdin.resume().once('end', () => {
  isOver = true
})
const engine = await openEngine({ tempDirectory: join(folder, 'spill'), allowedDirectories: [folder], threads: 1 })
for (let turn = 0; !isOver; turn++) {
  for (const group of groups) {
    try {
      const isPlain = turn % 2 === 1
      const page = isPlain ? await readPlainly(group) : await readPage(engine, store, group)
      readings[isPlain ? 'plainReads' : 'reads']++
      if (page) note(group, page)
    } catch (error) {
      readings.wrong.push(`${group}: ${error instanceof Error ? error.stack : error}`)
    }
  }
  await new Promise((done) => setTimeout(done, 60))
}
await engine.close()
const versions = [...seen.values()].reduce((sum, pages) => sum + pages.size, 0)
process.stdout.write(JSON.stringify({ ...readings, versions } satisfies Readings))

/** Reads a table as any program may that knows Delta: the actions of its log in order, and the Parquet files that are left. */
async function readPlainly(group: (typeof groups)[number]): Promise<Page | undefined> {
  const table = tablePath(store, group, 1)
  const log = join(table, '_delta_log')
  const names = (await readdir(log).catch(() => [])).filter((name) => /^\d{20}\.json$/.test(name)).sort()
  if (names.length === 0) return undefined
  const files = new Set<string>()
  for (const [version, name] of names.entries()) {
    if (Number(name.slice(0, 20)) !== version) readings.wrong.push(`${group}: the log has no version ${version}`)
    for (const line of (await readFile(join(log, name), 'utf8')).trim().split('\n')) {
      const action = JSON.parse(line) as { add?: { path: string }; remove?: { path: string } }
      if (action.remove) files.delete(action.remove.path)
      if (action.add) files.add(action.add.path)
    }
  }
  const paths = [...files].map((path) => `'${join(table, decodeURIComponent(path))}'`)
  return pageOf(engine, names.length - 1, `SELECT * FROM read_parquet([${paths.join(', ')}])`)
}

function note(group: string, page: Page): void {
  const pages = seen.get(group) ?? new Map<number, Page>()
  const say = (what: string) => readings.wrong.push(`${group} version ${page.version} ${what}`)
  readings.torn.push(...page.torn.map((batch) => `${group} version ${page.version}: ${batch}`))
  readings.duplicated += page.duplicated
  const newest = Math.max(-1, ...pages.keys())
  if (page.version < newest) say(`was read after version ${newest}`)
  const before = pages.get(page.version)
  if (before && (before.rows !== page.rows || before.batches.size !== page.batches.size))
    say(`has ${page.rows} rows in ${page.batches.size} batches, and had ${before.rows} in ${before.batches.size}`)
  const lost = [...(pages.get(newest)?.batches ?? [])].filter((batch) => !page.batches.has(batch))
  if (page.version >= newest && lost.length > 0) say(`lacks ${lost}, which version ${newest} has`)
  pages.set(page.version, page)
}
