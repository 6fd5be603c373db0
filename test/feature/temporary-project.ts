import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import {
  type FeatureRunOptions,
  type GroupReport,
  openProjectEngine,
  runFeatureGroups,
} from '../../src/feature/index.ts'
import { loadProject, type Project } from '../../src/project/index.ts'
import { openGroup, quarantineRelation, readHistory, type TableCommit, tablePath } from '../../src/store/index.ts'

type Section = Readonly<Record<string, object>>

/** What a test says beside the example project: one source `flights` and one group `delays`. */
export interface ProjectChanges {
  /** Merged over the source `flights`. */
  readonly flights?: object
  /** Merged over the group `delays`. */
  readonly delays?: object
  readonly sources?: Section
  readonly entities?: Section
  readonly groups?: Section
  readonly models?: Section
  readonly online?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Paths in the project; an absent content leaves the example's file out. */
  readonly files?: Readonly<Record<string, string | Uint8Array | undefined>>
}

/** Delays of two airports at two moments. */
export const flightsCsv = `origin,at,delay
JFK,2013-01-01T05:00:00Z,2.5
EWR,2013-01-01T05:00:00Z,-4
JFK,2013-01-01T06:00:00Z,10
`

const delaysSql = 'SELECT origin, "at", delay::DOUBLE AS delay FROM flights'

/** A project in a folder of its own. */
export class TemporaryProject {
  readonly folder: string
  readonly #env: NodeJS.ProcessEnv

  constructor(changes: ProjectChanges = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'fti-feature-'))
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    this.#env = changes.env ?? {}
    this.configure(changes)
    const files = { 'data/flights.csv': flightsCsv, 'features/delays.sql': delaysSql, ...changes.files }
    for (const [path, content] of Object.entries(files)) if (content !== undefined) this.write(path, content)
  }

  /** Writes the project file anew. JSON is YAML. */
  configure(changes: ProjectChanges): void {
    const config = {
      project: 'example',
      ...(changes.online === undefined ? {} : { online: changes.online }),
      sources: { flights: { type: 'csv', path: 'data/flights.csv', ...changes.flights }, ...changes.sources },
      entities: { airport: { key: { origin: 'string' } }, ...changes.entities },
      featureGroups: { delays: { ...delaysGroup, ...changes.delays }, ...changes.groups },
      ...(changes.models ? { models: changes.models } : {}),
    }
    this.write('fti.config.yaml', JSON.stringify(config, null, 2))
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), content)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  load(): Promise<Project> {
    return loadProject({ directory: this.folder, env: this.#env })
  }

  /** `fti feature run`; one report for each group, by name. */
  async run(options: Partial<FeatureRunOptions> = {}): Promise<Record<string, GroupReport>> {
    const reports = await runFeatureGroups({
      project: await this.load(),
      groups: [],
      now: new Date(),
      by: 'test',
      command: 'fti feature run',
      lockWaitMs: 0,
      reporter: silentReporter,
      ...options,
    })
    return Object.fromEntries(reports.map((report) => [report.group, report]))
  }

  /** The report of `delays` alone. */
  async runDelays(options: Partial<FeatureRunOptions> = {}): Promise<GroupReport> {
    const { delays } = await this.run({ groups: ['delays'], ...options })
    if (delays === undefined) throw new Error('delays was not run')
    return delays
  }

  /** Stored rows with their system columns, in the order of their sequence. */
  async stored<Row extends object = Record<string, unknown>>(group = 'delays'): Promise<Row[]> {
    return this.query(`SELECT * FROM (${(await openGroup(join(this.folder, 'store'), group)).raw}) ORDER BY _sequence`)
  }

  async quarantined(group = 'delays'): Promise<{ reason: string; row: string }[]> {
    return this.query(
      `SELECT reason, row FROM (${await quarantineRelation(join(this.folder, 'store'), group)}) ORDER BY ALL`,
    )
  }

  /** Commits of a group's table, newest first. */
  history(group = 'delays', contractVersion = 1): Promise<readonly TableCommit[]> {
    return readHistory(tablePath(join(this.folder, 'store'), group, contractVersion))
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    const engine = await openProjectEngine(await this.load())
    try {
      return await engine.rows<Row>(sql)
    } finally {
      await engine.close()
    }
  }
}

const delaysGroup = {
  entity: 'airport',
  transform: 'features/delays.sql',
  eventTime: 'at',
  availableAt: 'at',
  features: { delay: 'float64' },
  // Most tests edit SQL to see what a run makes of it.
  onTransformChange: 'restate',
}
