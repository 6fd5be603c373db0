import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TemporaryProject } from '../temporary-project.ts'

/** A project over documents with these files. */
function projectOf(files: Record<string, string | Uint8Array>, docs: object = {}): TemporaryProject {
  return new TemporaryProject({
    sources: { docs: { type: 'documents', path: 'docs', ...docs } },
    entities: { document: { key: { path: 'string' } } },
    groups: {
      documents: {
        entity: 'document',
        static: true,
        transform: 'features/documents.sql',
        features: { title: 'string', text: 'string', modified: 'timestamp' },
      },
    },
    files: { 'features/documents.sql': 'SELECT * FROM docs', ...files },
  })
}

async function documents(files: Record<string, string | Uint8Array>, docs: object = {}) {
  const project = projectOf(files, docs)
  const { documents } = await project.run({ groups: ['documents'] })
  expect(documents?.error).toBeUndefined()
  const rows = await project.stored<{ path: string; title: string; text: string }>('documents')
  return rows.map(({ path, title, text }) => [path, title, text]).sort()
}

test('each text is a row: its path, its first heading or its name, its text', async () => {
  const found = await documents({
    'docs/one.md': '\ufeffintro\n\n# The "first" one #\r\n\n## Second 😀\n',
    'docs/deep/er/two.txt': '# not a heading\nzero\u0000byte',
    'docs/plain.MARKDOWN': 'no heading',
    'docs/picture.png': 'x',
    'docs/.hidden/three.md': '# hidden',
  })
  expect(found).toEqual([
    ['deep/er/two.txt', 'two', '# not a heading\nzero\u0000byte'],
    ['one.md', 'The "first" one', 'intro\n\n# The "first" one #\r\n\n## Second 😀\n'],
    ['plain.MARKDOWN', 'plain', 'no heading'],
  ])
})

test('the endings can be declared, and a name may hold any character', async () => {
  const files = { 'docs/a [1]*?.rst': 'odd', 'docs/b.md': 'other' }
  expect(await documents(files, { extensions: ['.rst'] })).toEqual([['a [1]*?.rst', 'a [1]*?', 'odd']])
})

test('unchanged documents are nothing to do, a changed one is read', async () => {
  const project = projectOf({ 'docs/a.md': 'one', 'docs/b.md': 'two' })
  const status = async () => (await project.run({ groups: ['documents'] }))['documents']?.status
  expect(await status()).toBe('committed')
  expect(await status()).toBe('nothing to do')
  project.write('docs/a.md', 'other')
  expect(await status()).toBe('committed')
  utimesSync(join(project.folder, 'docs/b.md'), 1, 1)
  expect(await status()).toBe('committed')
  const rows = await project.stored<{ path: string; modified: string }>('documents')
  expect(rows.at(-1)).toMatchObject({ path: 'b.md', modified: '1970-01-01T00:00:01.000Z' })
})

test('no document, or one that is not UTF-8, is an error of the source', async () => {
  const none = await projectOf({ 'docs/a.pdf': '' }).run({ groups: ['documents'] })
  expect(none['documents']?.error).toMatchObject({ code: 'FTI_SOURCE_MISSING', exit: 6, place: 'sources.docs.path' })
  const latin = await projectOf({ 'docs/a.md': Buffer.from('Z\u00fcrich', 'latin1') }).run({ groups: ['documents'] })
  expect(latin['documents']?.error).toMatchObject({ code: 'FTI_SOURCE_UNREADABLE', place: 'docs/a.md' })
})
