import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { runFeatureGroups } from '../../src/feature/index.ts'
import { seededRandom } from '../../src/model/index.ts'
import { loadProject, type Project } from '../../src/project/index.ts'
import { publishedContracts } from '../../src/store/index.ts'
import { type TrainOptions, type TrainResult, train } from '../../src/training/index.ts'

const config = `project: pumps
sources:
  readings: { type: csv, path: data/readings.csv, types: { taken_at: timestamp, pressure: float64, load: int32 } }
  register: { type: csv, path: data/register.csv, types: { built: int32 } }
  plan: { type: csv, path: data/plan.csv, types: { planned_at: timestamp, weight: float64 } }
  reports: { type: csv, path: data/reports.csv, types: { planned_at: timestamp, reported_at: timestamp, failed: boolean } }
entities:
  pump: { key: { pump: string } }
  check: { key: { check_id: string } }
featureGroups:
  pump_readings:
    owner: data-team
    entity: pump
    transform: features/pump_readings.sql
    eventTime: taken_at
    availableAfter: 10m
    features: { pressure: { type: float64 }, load: { type: int32 } }
    maxAge: 1d
    schedule: '*/15 * * * *'
  pump_register:
    owner: data-team
    entity: pump
    static: true
    transform: features/pump_register.sql
    features: { kind: { type: string }, built: { type: int32 } }
  checks:
    entity: check
    static: true
    transform: features/checks.sql
    features: { pump: { type: string }, backup: { type: string }, weight: { type: float64 }, planned_at: { type: timestamp } }
  check_outcomes:
    entity: check
    transform: features/check_outcomes.sql
    eventTime: planned_at
    availableAt: reported_at
    features: { failed: { type: boolean } }
models:
  failing_check:
    owner: ml-team
    task: binary
    spine: training/failing_check.sql
    time: predict_at
    label: { group: check_outcomes, feature: failed }
    features:
      - { group: pump_readings, pick: [pressure, load] }
      - { group: pump_readings, as: backup, on: { pump: backup }, pick: [pressure] }
      - { group: pump_register, pick: [kind, built] }
    request: { weight: float64, planned_at: timestamp }
    onDemand: { module: features/hour.ts, inputs: [planned_at], outputs: { hour: float64 } }
    network: { type: mlp, layers: [6] }
    fit: { epochs: 3, batchSize: 32, learningRate: 0.01, earlyStopping: 0, seed: 7 }
    split: { test: 8d, validation: 5d }
    gates:
      - { metric: auc, min: 0.55 }
services:
  failing_check: { owner: ops-team, model: failing_check, port: 48123 }
`

const files: Readonly<Record<string, string>> = {
  'fti.config.yaml': config,
  'features/pump_readings.sql': 'select pump, taken_at, pressure, load from readings',
  'features/pump_register.sql': 'select pump, kind, built from register',
  'features/checks.sql': 'select check_id, pump, backup, weight, planned_at from plan',
  'features/check_outcomes.sql': 'select check_id, planned_at, reported_at, failed from reports',
  'features/hour.ts':
    'export default ({ planned_at }: { planned_at: number }) => ({ hour: new Date(planned_at).getUTCHours() })\n',
  'training/failing_check.sql': `-- one hour before the check
select check_id, pump, backup, weight, planned_at, planned_at - interval 1 hour as predict_at
from checks;  -- every check that is planned
`,
}

const day = 86_400_000
const start = Date.UTC(2025, 0, 1)
const pumps = ['north', 'south', 'east', 'west']

/** 400 checks in 40 days; a pump under high pressure is likely to fail the check. The last ten have no report yet. */
function data(): Record<string, string> {
  const random = seededRandom(1, 'pumps')
  const time = (ms: number) => new Date(ms).toISOString()
  const readings: string[] = ['pump,taken_at,pressure,load']
  const pressures = new Map<string, number[]>()
  for (const pump of pumps) {
    const values = Array.from({ length: 40 * 12 }, () => Math.round(random() * 1000) / 100)
    pressures.set(pump, values)
    values.forEach((pressure, i) => {
      readings.push(
        `${pump},${time(start + i * (day / 12))},${pressure},${i % 7 === 0 ? '' : Math.floor(random() * 9)}`,
      )
    })
  }
  const plan = ['check_id,pump,backup,weight,planned_at']
  const reports = ['check_id,planned_at,reported_at,failed']
  for (let i = 0; i < 400; i++) {
    const plannedAt = start + day + i * (day / 10.5)
    const pump = pumps[Math.floor(random() * 4)] as string
    // The reading that is known one hour before: made at least ten minutes earlier.
    const known = Math.floor((plannedAt - 3_600_000 - 600_000 - start) / (day / 12))
    const failed = random() < 1 / (1 + Math.exp(5 - (pressures.get(pump)?.[known] as number)))
    plan.push(`c${i},${pump},${pumps[i % 4]},${Math.round(random() * 100)},${time(plannedAt)}`)
    if (i < 390) reports.push(`c${i},${time(plannedAt)},${time(plannedAt + 7_200_000)},${failed}`)
  }
  const register = ['pump,kind,built', ...pumps.map((pump, i) => `${pump},${i % 2 ? 'rotary' : 'piston'},${1990 + i}`)]
  return {
    'data/readings.csv': readings.join('\n'),
    'data/register.csv': register.join('\n'),
    'data/plan.csv': plan.join('\n'),
    'data/reports.csv': reports.join('\n'),
  }
}

/** After the last report. */
export const asOf = new Date(start + 60 * day)

/** A project of four pumps in a temporary folder, small enough to train in a second. Removed when the test file ends. */
export class PumpProject {
  readonly directory: string

  constructor(directory = temporary()) {
    this.directory = directory
  }

  /** With its sources and SQL, nothing run yet. */
  static create(): PumpProject {
    const project = new PumpProject()
    for (const [path, text] of Object.entries({ ...files, ...data() })) project.write(path, text)
    return project
  }

  /** The same folder at another place, with everything that was run in it. */
  copy(): PumpProject {
    const copy = new PumpProject()
    cpSync(this.directory, copy.directory, { recursive: true })
    return copy
  }

  write(path: string, text: string): this {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true })
    writeFileSync(join(this.directory, path), text)
    return this
  }

  /** Replaces a piece of a file; the piece must be there. */
  edit(path: string, piece: string | RegExp, replacement: string): this {
    const text = readFileSync(join(this.directory, path), 'utf8')
    const edited = text.replace(piece, () => replacement)
    if (edited === text) throw new Error(`${piece} is not in ${path}`)
    return this.write(path, edited)
  }

  async load(): Promise<Project> {
    return loadProject({ directory: this.directory, env: {}, published: publishedContracts })
  }

  /** Runs feature groups, all unless named; one that fails is an error. */
  async runFeatures(...groups: string[]): Promise<this> {
    const reports = await runFeatureGroups({
      project: await this.load(),
      groups,
      now: new Date(),
      by: 'test',
      command: 'test',
      lockWaitMs: 0,
      reporter: silentReporter,
    })
    for (const { group, error } of reports) if (error) throw new Error(`${group}: ${error.message}`)
    return this
  }

  async train(options: Partial<TrainOptions> & { onlyIfNeeded?: false } = {}): Promise<TrainResult> {
    return train({ ...(await this.trainOptions()), ...options })
  }

  async trainOptions(): Promise<TrainOptions & { onlyIfNeeded?: false }> {
    return {
      project: await this.load(),
      asOf,
      backend: 'cpu',
      ftiVersion: '0.0.0',
      by: 'test',
      command: 'test',
      lockWaitMs: 0,
      reporter: silentReporter,
    }
  }

  /** An engine over the store, closed when the test file ends. */
  async engine(): Promise<Engine> {
    const { store } = await this.load()
    const engine = await openEngine({ tempDirectory: temporary(), allowedDirectories: [store], threads: 2 })
    afterAll(() => engine.close())
    return engine
  }
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fti-pumps-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
