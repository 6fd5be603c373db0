import { join } from 'node:path'
import { FtiError, isSafeName, throwIfCancelled } from '../../base/index.ts'
import { type JournalRecord, listJournal } from '../journal/journal.ts'
import type { JournalEntry } from '../journal/journal-entry.ts'
import { entryPath, type ModelPaths, modelPaths, numberIn, versionPath } from '../layout.ts'
import { listModels } from '../list-models.ts'
import { staleTags } from '../tags/tag-cache.ts'
import { namesIn, requireRegistry } from '../unreachable.ts'
import { unregistered, writerIsDead } from './orphan.ts'
import { openVersion } from './version.ts'

/** Something that is not as it should be. `corrupt`: data is lost or was changed; `warning`: harmless, and says how to tidy. */
export interface Finding {
  readonly severity: 'corrupt' | 'warning'
  readonly model: string
  readonly place: string
  readonly problem: string
  readonly remedy: string
}

/**
 * Reads everything again: each file of each version against its digest, each entry against the one before, the state
 * it carries and the tags. Finds all there is to find and never stops at the first. Errors: FTI_REGISTRY_UNREACHABLE, FTI_INTERRUPTED.
 */
export async function verifyRegistry(root: string, model?: string, signal?: AbortSignal): Promise<Finding[]> {
  await requireRegistry(root)
  const models = model === undefined ? await listModels(root) : [model]
  const findings: Finding[] = model === undefined ? await strangers(root) : []
  for (const name of models) {
    const paths = modelPaths(root, name)
    const journal = await listJournal(root, name)
    findings.push(...journalFindings(paths, journal))
    findings.push(...(await versionFindings(paths, journal, signal)))
    findings.push(...(await orphanFindings(paths)))
    findings.push(...(await tagFindings(paths, journal)))
  }
  return findings
}

async function strangers(root: string): Promise<Finding[]> {
  const names = (await namesIn(root, root)).filter((name) => !isSafeName(name) && !name.startsWith('.'))
  return names.map((name) => ({
    severity: 'warning',
    model: name,
    place: join(root, name),
    problem: 'is not a name that a model can have; nothing reads it',
    remedy: 'move it out of the registry',
  }))
}

function journalFindings(paths: ModelPaths, journal: readonly JournalRecord[]): Finding[] {
  const findings: Finding[] = []
  let before: JournalEntry | undefined
  for (const record of journal) {
    const problem = record.problem ?? (record.entry && wrongState(record.entry, before, record.number === 1))
    if (problem !== null) {
      findings.push(corrupt(paths, entryPath(paths, record.number), `journal entry ${record.number} ${problem}`))
    }
    before = record.entry ?? undefined
  }
  return findings
}

/** Each entry carries the state after it; it must follow from the state before. */
function wrongState(entry: JournalEntry, before: JournalEntry | undefined, isFirst: boolean): string | null {
  if (!before && !isFirst) return null
  const tags = before?.tags ?? {}
  const { tag, version, kind } = entry
  const moves = tag !== null && (kind === 'promotion' || kind === 'rollback')
  if (entry.from !== (tag === null ? null : (tags[tag] ?? null)))
    return `says that it replaced ${entry.from}, which it did not`
  const expected = moves ? { ...tags, [tag]: version } : tags
  const names = new Set([...Object.keys(expected), ...Object.keys(entry.tags)])
  const wrong = [...names].find((name) => expected[name] !== entry.tags[name])
  if (wrong !== undefined) return `carries ${wrong} -> ${entry.tags[wrong]} instead of ${expected[wrong]}`
  const newest = kind === 'registration' ? Math.max(before?.newest ?? 0, version) : before?.newest
  return entry.newest === newest ? null : `carries newest ${entry.newest} instead of ${newest}`
}

async function versionFindings(
  paths: ModelPaths,
  journal: readonly JournalRecord[],
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const digests = new Map<number, string>()
  for (const { entry } of journal) {
    if (!entry) continue
    const known = digests.get(entry.version)
    if (known === undefined) digests.set(entry.version, entry.manifestDigest)
    else if (known !== entry.manifestDigest) {
      const problem = `journal entry ${entry.entry} has another digest of version ${entry.version} than the entries before`
      findings.push(corrupt(paths, entryPath(paths, entry.entry), problem))
    }
  }
  for (const [version, digest] of digests) {
    throwIfCancelled(signal)
    findings.push(...(await fileFindings(paths, version, digest)))
  }
  return findings
}

async function fileFindings(paths: ModelPaths, version: number, digest: string): Promise<Finding[]> {
  const findings: Finding[] = []
  const collect = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof FtiError)) throw error
      findings.push(corrupt(paths, versionPath(paths, version), error.message))
    }
  }
  await collect(async () => {
    const { manifest, read } = await openVersion(paths, version, digest)
    for (const name of Object.keys(manifest.files)) await collect(() => read(name))
  })
  return findings
}

async function orphanFindings(paths: ModelPaths): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const version of await unregistered(paths)) {
    const isDead = await writerIsDead(paths, version)
    findings.push({
      severity: 'warning',
      model: paths.model,
      place: versionPath(paths, version),
      problem: isDead
        ? 'was claimed by a writer that died; it is no version'
        : 'is not in the journal; it is no version (yet)',
      remedy: isDead
        ? 'nothing to do: the next training of this model removes it'
        : 'if no training is running, move it away',
    })
  }
  for (const name of await namesIn(paths.root, paths.versions)) {
    if (name.startsWith('.') || numberIn(name, '') !== undefined) continue
    const place = join(paths.versions, name)
    const remedy = 'move it out of the registry'
    findings.push({
      severity: 'warning',
      model: paths.model,
      place,
      problem: 'is not a version; nothing reads it',
      remedy,
    })
  }
  return findings
}

async function tagFindings(paths: ModelPaths, journal: readonly JournalRecord[]): Promise<Finding[]> {
  const head = journal.at(-1)
  if (head && !head.entry) return []
  return (await staleTags(paths, head?.entry?.tags ?? {})).map((tag) => ({
    severity: 'warning',
    model: paths.model,
    place: join(paths.tags, tag),
    problem: `does not say what the journal says (${head?.entry?.tags[tag] ?? 'no such tag'})`,
    remedy: 'nothing to do: the next command that writes to the registry rewrites it',
  }))
}

function corrupt(paths: ModelPaths, place: string, problem: string): Finding {
  return {
    severity: 'corrupt',
    model: paths.model,
    place,
    problem,
    remedy: 'restore it from a copy of the registry',
  }
}
