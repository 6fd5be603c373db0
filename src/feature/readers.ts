import { FtiError } from '../base/index.ts'
import type { Signature } from '../contract/index.ts'
import { journalHead, listModels, readVersion } from '../registry/index.ts'

/** A tagged model version that reads features of a group. */
export interface Reader {
  readonly group: string
  readonly model: string
  readonly version: number
  readonly tags: readonly string[]
  readonly contractVersion: number
  readonly features: readonly string[]
}

/** Which tagged versions read which feature group, from their signatures. An unreadable version is left out: it serves nobody. */
export async function listReaders(registry: string): Promise<Reader[]> {
  const readers: Reader[] = []
  for (const model of await listModels(registry)) {
    const { tags } = await journalHead(registry, model)
    for (const version of new Set(Object.values(tags))) {
      const signature = await signatureOf(registry, model, version)
      const pointing = Object.keys(tags).filter((tag) => tags[tag] === version)
      for (const group of new Set(signature?.groups.map((entry) => entry.group))) {
        const reads = signature?.groups.filter((entry) => entry.group === group) ?? []
        readers.push({
          group,
          model,
          version,
          tags: pointing,
          contractVersion: reads[0]?.contractVersion ?? 0,
          features: [...new Set(reads.flatMap((entry) => entry.pick))],
        })
      }
    }
  }
  return readers
}

/** The readers of one group. */
export async function readersOf(registry: string, group: string): Promise<Reader[]> {
  return (await listReaders(registry)).filter((reader) => reader.group === group)
}

/** `late_departure@3 (champion)`. */
export function describeReader(reader: Reader): string {
  return `${reader.model}@${reader.version} (${reader.tags.join(', ')})`
}

/** The signature of a registered version; undefined when it cannot be read. */
export async function signatureOf(registry: string, model: string, version: number): Promise<Signature | undefined> {
  try {
    const files = await readVersion(registry, model, version)
    return JSON.parse((await files.read('signature.json')).toString('utf8')) as Signature
  } catch (error) {
    if (error instanceof FtiError || error instanceof SyntaxError) return undefined
    throw error
  }
}
