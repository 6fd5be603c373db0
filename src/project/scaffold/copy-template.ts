import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFileName } from '../find-project.ts'

/** What stands for `{{name}}` and `{{fti}}` in files whose name ends in `.tmpl`. */
export interface TemplateWords {
  /** Of the project. */
  readonly name: string
  /** How a package.json names fti. */
  readonly fti: string
}

/** What running a template in its own place leaves behind. */
const notCopied = ['.fti', 'store', 'registry', 'node_modules', '.DS_Store']

/** Copies a template's files, filling in the words; returns their paths relative to `target`. */
export async function copyTemplate(template: string, target: string, words: TemplateWords): Promise<string[]> {
  return copyFolder(template, target, words, '')
}

async function copyFolder(from: string, to: string, words: TemplateWords, inner: string): Promise<string[]> {
  const files: string[] = []
  await mkdir(join(to, inner), { recursive: true })
  for (const entry of await readdir(join(from, inner), { withFileTypes: true })) {
    if (inner === '' && notCopied.includes(entry.name)) continue
    const path = join(inner, entry.name)
    if (entry.isDirectory()) {
      files.push(...(await copyFolder(from, to, words, path)))
      continue
    }
    // npm leaves .gitignore out of a package and acts on any package.json, so they travel as .tmpl.
    const target = path.endsWith('.tmpl') ? path.slice(0, -'.tmpl'.length) : path
    await writeFile(join(to, target), filled(path, await readFile(join(from, path)), words))
    files.push(target)
  }
  return files
}

function filled(path: string, content: Buffer, words: TemplateWords): Buffer | string {
  // Not a .tmpl: a template stays a project that can be checked and run where it stands.
  if (path === projectFileName) return content.toString().replace(/^project: .*$/m, `project: ${words.name}`)
  if (!path.endsWith('.tmpl')) return content
  return content.toString().replaceAll('{{name}}', words.name).replaceAll('{{fti}}', words.fti)
}
