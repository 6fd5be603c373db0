import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const floors: Record<string, number> = {
  base: 0,
  contract: 1,
  engine: 1,
  project: 2,
  store: 2,
  online: 2,
  registry: 2,
  transform: 2,
  model: 2,
  runs: 2,
  scoring: 3,
  feature: 4,
  training: 4,
  inference: 4,
  monitoring: 4,
  operations: 5,
  cli: 6,
  dashboard: 6,
  commands: 7,
}
const vendors: [RegExp, string[]][] = [
  [/^@duckdb\//, ['engine']],
  [/^(lmdb|redis)$/, ['online']],
  [/^pg$/, ['feature', 'online']],
  [/^@tensorflow\//, ['model']],
  [/^fastify$/, ['inference', 'dashboard']],
  [/^@oclif\//, ['cli', 'commands']],
  [/^(listr2|chalk|cli-table3|@inquirer\/prompts)$/, ['cli']],
  [/^(yaml|zod|jiti|esbuild)$/, ['project']],
  [/^node-sqlite3-wasm$/, ['feature']],
  [/^croner$/, ['runs']],
  [/^prom-client$/, ['inference']],
  [/^fastest-levenshtein$/, ['base']],
]
const src = resolve(import.meta.dirname, '../src')

test('every import goes down a floor and enters by index.ts', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'))
  let imports = 0
  const wrong: string[] = []
  const within = new Map<string, string[]>()
  for (const file of files) {
    const from = join(src, file)
    const room = file.split('/')[0] ?? ''
    if (statSync(from).isFile() && !(room in floors)) wrong.push(`${file}: no such room`)
    for (const [, a, b] of readFileSync(from, 'utf8').matchAll(
      /(?:\bfrom\s*|^import\s*|\bimport\s*\(\s*)(?:'([^']+)'|"([^"]+)")/gm,
    )) {
      const target = a ?? b ?? ''
      imports++
      if (!target.startsWith('.')) {
        const vendor = vendors.find(([re]) => re.test(target))
        if (vendor && !vendor[1].includes(room)) wrong.push(`${file}: ${target} belongs to ${vendor[1]}`)
        continue
      }
      const to = relative(src, resolve(dirname(from), target))
      const toRoom = to.split('/')[0] ?? ''
      if (toRoom === room) {
        within.set(file, [...(within.get(file) ?? []), to])
        continue
      }
      if (!((floors[toRoom] ?? 99) < (floors[room] ?? -1))) wrong.push(`${file}: ${room} may not import ${toRoom}`)
      if (to !== `${toRoom}/index.ts`) wrong.push(`${file}: enter ${toRoom} by its index.ts, not ${to}`)
    }
  }
  process.stderr.write(`architecture: ${files.length} files, ${imports} imports\n`)
  expect(files.length).toBeGreaterThan(10)
  expect(imports).toBeGreaterThan(10)
  expect(wrong).toEqual([])
  expect(circles(within)).toEqual([])
})

/** Files of a room that import each other, types included: the way from one back to itself. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' -> '))
    if (way.includes(file) || done.has(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}
