import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { scaffold } from '../../src/project/index.ts'

const bin = join(import.meta.dirname, '../../bin/run.js')
const rentals = join(import.meta.dirname, '../../templates/minimal/data/rentals.csv')

/** A project of the minimal template that trains in a moment, and copies of it: one for each way to disturb it. */
export class SmallProject {
  /** Everything lies in here, so that one engine may read it all. */
  readonly folder: string
  readonly directory: string
  private copies = 0

  private constructor(folder: string) {
    this.folder = folder
    this.directory = join(folder, 'base')
  }

  static async make(): Promise<SmallProject> {
    const project = new SmallProject(await mkdtemp(join(tmpdir(), 'fti-crash-')))
    await scaffold({ template: 'minimal', directory: project.directory })
    const file = join(project.directory, 'fti.config.yaml')
    const quick = (await readFile(file, 'utf8')).replace('epochs: 60', 'epochs: 3').replace('min: 0.6', 'min: 0')
    await writeFile(file, quick)
    return project
  }

  async copy(): Promise<string> {
    const directory = join(this.folder, `copy-${++this.copies}`)
    await cp(this.directory, directory, { recursive: true, preserveTimestamps: true })
    return directory
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

/** Gives the source its first so many rows, of 200. In fewer than all, one value is such as the whole source corrects later. */
export async function writeRentals(directory: string, rows: number): Promise<void> {
  const [header, first = '', ...others] = (await readFile(rentals, 'utf8')).trim().split('\n')
  const begun = rows > others.length ? first : first.replace(',0,', ',7,')
  await writeFile(join(directory, 'data/rentals.csv'), `${[header, begun, ...others.slice(0, rows - 1)].join('\n')}\n`)
}

/** Runs the program in a project; standard output. Rejects with `code` when it fails. */
export async function fti(directory: string, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words], { cwd: directory })
  return stdout
}
