/** A package.json that was there before, with what a project needs and it did not say. */
export interface MergedPackage {
  readonly text: string
  /** Keys that were added, such as `scripts.test`. */
  readonly added: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

/** What `npm init` writes where nobody has said how to test. */
const noTest = /no test specified/

/** Adds what `ours` has and `theirs` lacks, and changes nothing else; undefined when theirs is not a JSON object. */
export function mergePackage(theirs: string, ours: string): MergedPackage | undefined {
  const before = objectOf(theirs)
  const wanted = objectOf(ours)
  if (before === undefined || wanted === undefined) return undefined
  const added: string[] = []
  const merged: Record<string, unknown> = { ...before }
  for (const key of ['private', 'type']) {
    if (key in merged || !(key in wanted)) continue
    merged[key] = wanted[key]
    added.push(key)
  }
  for (const section of ['scripts', 'dependencies', 'devDependencies']) {
    const has = (before[section] ?? {}) as Json
    const entries = Object.entries((wanted[section] ?? {}) as Json)
    const missing = entries.filter(([key]) => !(key in has) || noTest.test(String(has[key])))
    if (missing.length === 0) continue
    merged[section] = { ...has, ...Object.fromEntries(missing) }
    added.push(...missing.map(([key]) => `${section}.${key}`))
  }
  return { text: `${JSON.stringify(merged, null, 2)}\n`, added }
}

function objectOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
