import type { Document, YAMLMap } from 'yaml'

/** One new entry of a project file. */
export interface ProjectEntry {
  readonly section: 'sources' | 'entities' | 'featureGroups'
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
  /** Key of the value -> a remark behind it. */
  readonly remarks?: Readonly<Record<string, string>> | undefined
}

/** The text of a project file with more entries, whose names it does not have yet. Every other line stays as it is, comments and all. */
export async function withEntries(text: string, entries: readonly ProjectEntry[]): Promise<string> {
  const yaml = await import('yaml')
  let result = text
  for (const entry of entries) {
    const document = yaml.parseDocument(result)
    const section = document.get(entry.section, true)
    if (section === undefined) result = `${withBreak(result)}\n${entry.section}:\n${blockText(yaml, entry, '  ')}`
    else if (yaml.isMap(section) && !section.flow && section.items.length > 0)
      result = insert(yaml, result, section, entry)
    // Written as `{…}`: the library lays it out anew, and keeps the comments.
    else result = setEntry(document, entry)
  }
  return result
}

type Yaml = typeof import('yaml')

/** Behind the last entry of the section, indented like the first. */
function insert(yaml: Yaml, text: string, section: YAMLMap, entry: ProjectEntry): string {
  const [start, end] = section.range ?? [0, text.length, text.length]
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
  const added = blockText(yaml, entry, indent)
  return `${withBreak(text.slice(0, end))}${text.includes('\r\n') ? added.replaceAll('\n', '\r\n') : added}${text.slice(end)}`
}

function setEntry(document: Document, { section, name, value }: ProjectEntry): string {
  document.setIn([section, name], document.createNode(value))
  return document.toString({ lineWidth: 0 })
}

/** A source or an entity in one line; a group with one line for each key and each feature. */
function blockText(yaml: Yaml, { section, name, value, remarks = {} }: ProjectEntry, indent: string): string {
  const flow = (part: unknown) => yaml.stringify(part, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  const remark = (key: string) => (remarks[key] === undefined ? '' : ` # ${remarks[key]}`)
  if (section !== 'featureGroups') return `${indent}${name}: ${flow(value)}${Object.keys(value).map(remark).join('')}\n`
  const lines = Object.entries(value).flatMap(([key, part]) => {
    if (typeof part !== 'object' || part === null) return [`${indent}  ${key}: ${flow(part)}${remark(key)}`]
    const inner = Object.entries(part).map(([column, type]) => `${indent}    ${column}: ${flow(type)}`)
    return [`${indent}  ${key}:${remark(key)}`, ...inner]
  })
  return `${indent}${name}:\n${lines.join('\n')}\n`
}

function withBreak(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
