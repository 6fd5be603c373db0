import { counted, FtiError } from '../../base/index.ts'
import { parseVersionSelector, type Signature, type VersionSelector } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import {
  type JournalEntry,
  journalHead,
  moveTag,
  readJournal,
  readVersion,
  recordRefusal,
  registryErrors,
} from '../../registry/index.ts'
import { loadScorer } from '../../scoring/index.ts'
import { readContracts, readRetirement } from '../../store/index.ts'
import { type GateResult, type Report, rejudge } from '../../training/index.ts'
import { operationsErrors } from '../errors.ts'
import { type KnownProject, resolveRegistered } from './lost-registry.ts'

export interface Promotion {
  /** `late_departure@3`, or `late_departure` for the newest version. */
  readonly version: string
  /** The tag to move. */
  readonly tag: string
  /** The version that the tag must name now. */
  readonly expect?: number | undefined
  readonly by: string
  readonly why?: string | undefined
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

export interface Promoted {
  readonly entry: JournalEntry
  readonly gates: readonly GateResult[]
}

type PromotableProject = KnownProject & Pick<Project, 'store'>

/**
 * Moves a tag forward to a version that has earned it: its bytes match their digests, it met its gates (parity is one;
 * those that compare it with a tag are asked again when the tag has moved since), its contracts are published, and it
 * loads and answers its golden rows. A refusal is written into the journal.
 */
export async function promote(project: PromotableProject, promotion: Promotion): Promise<Promoted> {
  const selector = parseVersionSelector(promotion.version, 'candidate')
  const version = await resolveRegistered(project, selector)
  // Strict: a history with a hole or a changed entry must be mended before anything is added to it.
  await readJournal(project.registry, selector.model)
  for (;;) {
    const { tags } = await journalHead(project.registry, selector.model)
    const gates = await gatesNow(project, selector, version, tags, promotion.signal)
    await refuseUnlessPassed(project, selector, version, gates, promotion)
    // Throws when it does not load: a server would refuse it too, and keep the version that it has.
    const scorer = await loadScorer({ registry: project.registry, model: selector.model, version })
    scorer.close()
    try {
      const entry = await moveTag(project.registry, selector.model, {
        tag: promotion.tag,
        to: version,
        // The gates were asked about this version: should the tag name another one by now, they must be asked again.
        expect: promotion.expect ?? tags[promotion.tag] ?? null,
        by: promotion.by,
        why: promotion.why,
        gates,
        now: promotion.now,
        signal: promotion.signal,
      })
      return { entry, gates }
    } catch (error) {
      const overtaken = error instanceof FtiError && error.code === registryErrors.FTI_REGISTRY_CONFLICT.code
      if (!overtaken || promotion.expect !== undefined) throw error
    }
  }
}

async function gatesNow(
  project: PromotableProject,
  { model }: VersionSelector,
  version: number,
  tags: Readonly<Record<string, number>>,
  signal: AbortSignal | undefined,
): Promise<GateResult[]> {
  const files = await readVersion(project.registry, model, version)
  const report = JSON.parse((await files.read('metrics.json')).toString('utf8')) as Report
  const signature = JSON.parse((await files.read('signature.json')).toString('utf8')) as Signature
  const gates = await rejudge({ project, model, version, gates: report.gates, tags, signal })
  return [...gates, await contractGate(project.store, signature)]
}

/** Every group of the signature must still be published in the contract version that the model reads, with its features. */
async function contractGate(store: string, signature: Signature): Promise<GateResult> {
  const problems: string[] = []
  for (const group of signature.groups) {
    const published = (await readContracts(store, group.group)).findLast(
      ({ version }) => version === group.contractVersion,
    )
    const features = new Map(published?.contract.features.map(({ name, type }) => [name, type]))
    const retired = await readRetirement(store, group.group, group.contractVersion)
    if (!published) problems.push(`${group.group} v${group.contractVersion} is not published`)
    if (retired)
      problems.push(`${group.group} v${group.contractVersion} was retired on ${retired.retiredAt.slice(0, 10)}`)
    for (const name of published ? group.pick : [])
      if (features.get(name) !== group.types[name])
        problems.push(`${group.group}.${name} is ${features.get(name) ?? 'gone'}`)
  }
  return {
    gate: 'the contracts that it reads are published',
    passed: problems.length === 0,
    found: problems.length === 0 ? 'they are' : problems.join(', '),
  }
}

async function refuseUnlessPassed(
  project: Pick<Project, 'registry'>,
  { model }: VersionSelector,
  version: number,
  gates: readonly GateResult[],
  { tag, by, now }: Promotion,
): Promise<void> {
  const failed = gates.filter((gate) => !gate.passed)
  if (failed.length === 0) return
  const reasons = failed.map((gate) => `${gate.gate}: ${gate.found}`)
  await recordRefusal(project.registry, model, { version, tag, by, why: reasons.join('; '), gates, now })
  throw new FtiError(operationsErrors.FTI_NOT_PROMOTABLE, {
    message: `${model}@${version} does not meet ${failed.length} of its ${counted(gates.length, 'gate')}; ${tag} was not moved`,
    place: `${model}@${version}`,
    remedy: `improve the model and train again, or change its gates; the card says more: fti registry show ${model}@${version}`,
    detail: reasons.join('\n'),
    data: { model, version, tag, failed },
  })
}
