import { readdir, stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { digestOf, FtiError, isSystemError } from '../../base/index.ts'
import type { DocumentsSource } from '../../contract/index.ts'
import { quoteFile, quoteText } from '../../engine/index.ts'
import { featureErrors } from '../errors.ts'
import { type SourceFile, spooledFile } from './files/source-files.ts'
import type { Sniffed } from './files/source-reader.ts'
import type { Reading, ReadOptions } from './reading.ts'
import { asFileSource } from './spooled.ts'
import { whereIs } from './where-is.ts'

/** The columns of every source of documents. */
export const documentColumns: readonly Sniffed[] = [
  { name: 'path', type: 'VARCHAR' },
  { name: 'title', type: 'VARCHAR' },
  { name: 'text', type: 'VARCHAR' },
  { name: 'modified', type: 'TIMESTAMP WITH TIME ZONE' },
]

/** A folder of texts as rows: path in the folder, title, text, and when the file was modified. */
export async function readDocuments(source: DocumentsSource, { project }: ReadOptions): Promise<Reading> {
  const paths = await listDocuments(source, project.directory)
  const files: SourceFile[] = []
  for (const path of paths) files.push(await spooledFile(path, relative(project.directory, path)))
  // The time of modification is a column, so it is content.
  const known = await Promise.all(
    files.map(async ({ path, sha256 }) => [relative(source.path, path), sha256, (await stat(path)).mtimeMs]),
  )
  const digest = digestOf(known)
  const relation = documentsRelation(source.path, paths)
  return { source, digest, open: async () => ({ source: asFileSource(source, 'parquet'), files, digest, relation }) }
}

async function listDocuments(source: DocumentsSource, directory: string): Promise<string[]> {
  try {
    const entries = await readdir(source.path, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const found = paths.filter((path) => isDocument(source, relative(source.path, path))).sort()
    if (found.length > 0) return found
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
  const place = whereIs(source, directory)
  throw new FtiError(featureErrors.FTI_SOURCE_MISSING, {
    message: `source '${source.name}' has no document: ${place}`,
    place: `sources.${source.name}.path`,
    remedy: `put a file there that ends in .${source.extensions.join(' or .')}, or change sources.${source.name}`,
    data: { source: source.name, path: source.path },
  })
}

/** What a program keeps for itself begins with a dot. */
function isDocument({ extensions }: DocumentsSource, path: string): boolean {
  if (path.split('/').some((part) => part.startsWith('.'))) return false
  return extensions.includes(extname(path).slice(1).toLowerCase())
}

function documentsRelation(folder: string, paths: readonly string[]): string {
  const heading = String.raw`(?m)^#[ \t]+(.*?)[ \t#]*\r?$`
  const title = `nullif(regexp_extract(text, ${quoteText(heading)}, 1), '')`
  const stem = String.raw`regexp_replace(path, '^.*/|\.[^./]*$', '', 'g')`
  return `SELECT path, CASE WHEN path ~ '(?i).*\\.(md|markdown|mdx)' THEN coalesce(${title}, ${stem}) ELSE ${stem} END AS title, text, modified
    FROM (SELECT substr(filename, ${[...folder].length + 2}) AS path, ltrim(content, chr(65279)) AS text,
      CAST(last_modified AS TIMESTAMPTZ) AS modified FROM read_text([${paths.map(quoteFile).join(', ')}]))`
}
