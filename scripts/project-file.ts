// The reference page of the project file, made from the schema that checks it. Pure: the schema in, text out.
import { stringify } from 'yaml'
import { z } from 'zod'
import { projectSchema } from '../src/project/schema/project-schema.ts'

/** A JSON Schema; `rule` is what errors say a value must be. */
interface Shape {
  readonly rule?: string
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly propertyNames?: Shape
  readonly additionalProperties?: Shape | false
  readonly items?: Shape | readonly Shape[]
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly examples?: readonly Example[]
}

type Example = Readonly<Record<string, unknown>>

/** A mapping with fixed keys. */
interface Section {
  /** Where it may stand, such as `models.NAME.split`; retries stand in several places. */
  readonly paths: string[]
  readonly shape: Shape
}

export function projectShape(): Shape {
  return z.toJSONSchema(projectSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      const rule = zodSchema._zod.def.error?.({ code: 'custom', input: undefined, path: [] } as never)
      if (rule !== undefined) Object.assign(jsonSchema, { rule })
    },
  }) as unknown as Shape
}

/** Every section, outermost first. */
export function sectionsOf(shape: Shape): Section[] {
  const found = new Map<string, Section>()
  const visit = (path: string, inner: Shape, kind = '') => {
    for (const each of inner.anyOf ?? []) visit(path, each, kind)
    for (const each of inner.oneOf ?? []) visit(path, each, ` of type ${typeWords(each)}`)
    if (inner.additionalProperties) visit(`${path}.${wordFor(inner)}`, inner.additionalProperties, kind)
    for (const item of [inner.items ?? []].flat()) visit(`${path}[]`, item, kind)
    if (!inner.properties) return
    const seen = found.get(identityOf(inner))
    if (seen) seen.paths.push(`${path}${kind}`)
    else found.set(identityOf(inner), { paths: [`${path}${kind}`], shape: inner })
    if (!seen)
      for (const [key, member] of Object.entries(inner.properties))
        visit(path === '' ? key : `${path}.${key}`, member, kind)
  }
  visit('', shape)
  return [...found.values()]
}

/** What stands behind `type:` in one kind of source. */
function typeWords({ properties }: Shape): string {
  const { enum: words, const: word } = properties?.['type'] ?? {}
  return words?.join(', ') ?? String(word)
}

function identityOf({ properties }: Shape): string {
  return JSON.stringify(properties)
}

function wordFor({ propertyNames }: Shape): string {
  return propertyNames?.title === 'column name' ? 'COLUMN' : propertyNames?.title === 'contract version' ? 'vN' : 'NAME'
}

const opening = `# The project file

<!-- Made by \`npm run docs\`. Do not edit. -->

\`fti.config.yaml\` declares a whole project; the folder that it stands in is the project's. \`fti check\` reads it and says what does
not fit; \`fti init\` writes a JSON Schema of it for editors to \`.fti/fti.config.schema.json\`. A key that is not on this page is an error.

- Paths are relative to the project file.
- \`\${env:NAME}\` in a value stands for an environment variable. Secrets are written in no other way.
- \`--env NAME\` lays \`fti.config.NAME.yaml\` over the file: its mappings are merged key by key, everything else replaces.
- \`NAME\` and \`COLUMN\` stand for names of your own, \`[]\` for each entry of a list.`

export function projectFilePage(): string {
  const shape = projectShape()
  const sections = sectionsOf(shape)
  const anchors = new Map(sections.map((section) => [identityOf(section.shape), anchorOf(titleOf(section))]))
  const contents = sections.slice(1).map((section) => `- [\`${titleOf(section)}\`](#${anchorOf(titleOf(section))})`)
  return `${[
    opening,
    '',
    ...contents,
    '',
    '## Kinds of values',
    '',
    '| kind | means |',
    '|---|---|',
    ...[...kindsIn(shape)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, rule]) => `| ${kind} | ${cell(rule)} |`),
    '',
    sections.map((section) => sectionText(section, anchors)).join('\n\n'),
  ].join('\n')}\n`
}

function titleOf({ paths: [path] }: Section): string {
  return path || 'Top level'
}

/** As GitHub makes one of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
}

function kindsIn(shape: Shape, kinds = new Map<string, string>()): Map<string, string> {
  if (shape.title !== undefined && shape.rule !== undefined) kinds.set(shape.title, shape.rule)
  const below = [shape.additionalProperties || [], shape.propertyNames ?? [], shape.items ?? [], shape.anyOf ?? []]
  for (const inner of [...below, shape.oneOf ?? [], Object.values(shape.properties ?? {})].flat()) kindsIn(inner, kinds)
  return kinds
}

function sectionText(section: Section, anchors: ReadonlyMap<string, string>): string {
  const { properties = {}, required = [], examples = [] } = section.shape
  const rows = Object.entries(properties).map(([key, member]) => {
    const [meaning, usual = ''] = (member.description ?? '').split(/\s*\bDefault: /)
    const example = examples.find((each) => key in each)?.[key]
    const shown = example === undefined ? '' : `\`${flow(example)}\``
    const fallback = required.includes(key) ? '**required**' : usual.replace(/\.$/, '')
    return `| \`${key}\` | ${typeText(member, anchors)} | ${fallback} | ${cell(meaning ?? '')} | ${cell(shown)} |`
  })
  const [path, ...elsewhere] = section.paths
  return [
    `## ${path ? `\`${path}\`` : titleOf(section)}`,
    '',
    ...(elsewhere.length > 0 ? [`Also ${elsewhere.map((each) => `\`${each}\``).join(', ')}.`, ''] : []),
    '| key | type | default | means | example |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function typeText(shape: Shape, anchors: ReadonlyMap<string, string>): string {
  const inner = (each: Shape) => typeText(each, anchors)
  if (shape.title !== undefined) return `[${shape.title}](#kinds-of-values)`
  if (shape.const !== undefined) return `\`${shape.const}\``
  if (shape.enum) return shape.enum.map((word) => `\`${word}\``).join(', ')
  if (shape.properties) return `[mapping](#${anchors.get(identityOf(shape))})`
  if (shape.oneOf)
    return `a source: ${shape.oneOf.map((each) => `[${typeWords(each)}](#${anchors.get(identityOf(each))})`).join(', ')}`
  if (shape.additionalProperties) return `${wordFor(shape)} → ${inner(shape.additionalProperties)}`
  if (shape.anyOf?.some(({ properties }) => properties)) return shape.anyOf.map(inner).join(' or ')
  if (shape.items && !Array.isArray(shape.items))
    return `list of ${inner(shape.items as Shape).replace(/^(?:an?|the) /, '')}`
  return cell(shape.rule ?? 'text')
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
