import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const below = ['docs', 'templates'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(root, folder, path)),
)
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].map((path) => join(root, path)),
  ...below.filter((path) => path.endsWith('.md')),
].filter((path) => !path.includes('node_modules'))

/** Links of a page to other files and to headings, without those in blocks of code. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
}

/** Anchors that GitHub makes of the headings. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every link between the documents leads to a file, and to a heading in it', () => {
  const broken: string[] = []
  let links = 0
  for (const page of pages) {
    for (const link of linksOf(page)) {
      links++
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      const isThere = existsSync(target) && (anchor === undefined || anchorsOf(target).includes(anchor))
      if (!isThere) broken.push(`${relative(root, page)}: ${link}`)
    }
  }
  expect(broken).toEqual([])
  expect(links).toBeGreaterThan(100)
})

test('the index leads to every page of how-to and reference', () => {
  const linked = linksOf(join(root, 'docs/README.md')).map((link) => link.split('#')[0])
  const expected = ['how-to', 'reference'].flatMap((folder) =>
    readdirSync(join(root, 'docs', folder)).map((name) => `${folder}/${name}`),
  )
  expect(expected.filter((page) => !linked.includes(page))).toEqual([])
})
