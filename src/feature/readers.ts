import type { Signature } from '../contract/index.ts'
import { journalHead, listModels, readVersion } from '../registry/index.ts'

/** A tagged model version that reads features of a group. */
export interface Reader {
  readonly model: string
  readonly version: number
  readonly tags: readonly string[]
  readonly contractVersion: number
  readonly features: readonly string[]
}

/** Which tagged versions read a feature group, from their signatures. An unreadable version is left out: it serves nobody. */
export async function readersOf(registry: string, group: string): Promise<Reader[]> {
  const readers: Reader[] = []
  for (const model of await listModels(registry)) {
    const { tags } = await journalHead(registry, model)
    for (const version of new Set(Object.values(tags))) {
      const signature = await signatureOf(registry, model, version)
      const reads = signature?.groups.filter((entry) => entry.group === group) ?? []
      if (reads.length === 0) continue
      readers.push({
        model,
        version,
        tags: Object.keys(tags).filter((tag) => tags[tag] === version),
        contractVersion: reads[0]?.contractVersion ?? 0,
        features: [...new Set(reads.flatMap((entry) => entry.pick))],
      })
    }
  }
  return readers
}

/** `late_departure@3 (champion)`. */
export function describeReader(reader: Reader): string {
  return `${reader.model}@${reader.version} (${reader.tags.join(', ')})`
}

async function signatureOf(registry: string, model: string, version: number): Promise<Signature | undefined> {
  try {
    const files = await readVersion(registry, model, version)
    return JSON.parse((await files.read('signature.json')).toString('utf8')) as Signature
  } catch {
    return undefined
  }
}
