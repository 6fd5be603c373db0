import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import {
  didYouMean,
  FtiError,
  isSafeName,
  isSystemError,
  openStaging,
  removeDeadStaging,
  replaceFile,
  safeName,
  storageError,
  syncDirectory,
  syncFile,
} from '../../base/index.ts'
import { projectErrors } from '../errors.ts'
import { projectFileName } from '../find-project.ts'
import { projectJsonSchema } from '../schema/json-schema.ts'
import { copyTemplate } from './copy-template.ts'
import { type MergedPackage, mergePackage } from './merge-package.ts'
import { ownDependency } from './own-dependency.ts'
import { listTemplates, type Template } from './templates.ts'

export interface ScaffoldOptions {
  readonly template: string
  /**
   * Created with its parents when absent; must hold nothing but perhaps `.git` and what `npm install` leaves. The template
   * `empty` goes into any folder that is no project yet.
   */
  readonly directory: string
  /** Name of the project. The folder's own where that is a safe name, else the template's. */
  readonly name?: string | undefined
}

export interface ScaffoldedProject {
  readonly directory: string
  readonly name: string
  readonly template: string
  /** What was written, relative to the directory, sorted. */
  readonly files: readonly string[]
  /** What was there under the name of a file of the template, and stayed as it was. */
  readonly kept: readonly string[]
  /** Keys added to a package.json that was there; null when there was none, or none that could be read. */
  readonly addedToPackage: readonly string[] | null
}

/**
 * Makes a new project from a template: whole and durable, or not at all.
 * Throws FTI_TEMPLATE_UNKNOWN, FTI_FOLDER_NOT_EMPTY, FTI_NAME_UNSAFE.
 */
export async function scaffold(options: ScaffoldOptions): Promise<ScaffoldedProject> {
  const template = await findTemplate(options.template)
  const directory = resolve(options.directory)
  const name = projectName(options.name, directory, template)
  const room = await roomFor(template)
  const isThere = await isFreeFolder(directory, room)
  // An existing folder stays the one it is, for a shell may stand in it and it may be a mount: it is staged inside.
  const staging = await openStaging(isThere ? directory : dirname(directory))
  try {
    const written = await writeProject(template, staging.path, name)
    const theirs = isThere ? await textOf(join(directory, packageFile)) : undefined
    const merged = theirs === undefined ? undefined : await mergeInto(staging.path, theirs)
    const kept = isThere ? (await readdir(directory)).filter((entry) => room.keeps.includes(entry)) : []
    // A package.json that cannot be read stays as it is, too.
    if (theirs !== undefined && !merged) kept.push(packageFile)
    const files = written.filter((file) => !kept.includes(file))
    if (isThere) await moveInto(directory, staging.path, files, { room, theirPackage: theirs })
    else if (!(await staging.publish(directory))) throw await notEmpty(directory)
    return { directory, name, template: template.name, files, kept, addedToPackage: merged?.added ?? null }
  } catch (error) {
    throw storageError(error, directory)
  } finally {
    await staging.discard()
  }
}

const packageFile = 'package.json'

/** What `npm install fti` in an empty folder leaves there, and git. */
const mayBeThere = ['.git', 'node_modules', packageFile, 'package-lock.json']

/** What may be in the folder already. */
interface Room {
  readonly takes: (entry: string) => boolean
  /** Files of the template that step back for one of the same name. */
  readonly keeps: readonly string[]
}

/** Data of one's own is where an empty project begins, so that one asks for no empty folder. */
async function roomFor({ name }: Template): Promise<Room> {
  if (name !== 'empty') return { takes: (entry) => mayBeThere.includes(entry), keeps: [] }
  return { takes: (entry) => entry !== projectFileName && entry !== '.fti', keeps: ['README.md', '.gitignore'] }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  })
}

async function mergeInto(staged: string, theirs: string): Promise<MergedPackage | undefined> {
  const path = join(staged, packageFile)
  const merged = mergePackage(theirs, await readFile(path, 'utf8'))
  if (merged) await writeFile(path, merged.text)
  return merged
}

async function findTemplate(name: string): Promise<Template> {
  const templates = await listTemplates()
  const found = templates.find((template) => template.name === name)
  if (found) return found
  const known = templates.map((template) => template.name)
  throw new FtiError(projectErrors.FTI_TEMPLATE_UNKNOWN, {
    message: `there is no template ${JSON.stringify(name)}`,
    remedy: `${didYouMean(name, known)} (--template ${known.join('|')})`,
    data: { known },
  })
}

function projectName(name: string | undefined, directory: string, template: Template): string {
  if (name !== undefined) return safeName(name, 'project name')
  const ofFolder = basename(directory).toLowerCase().replaceAll(' ', '-')
  return isSafeName(ofFolder) ? ofFolder : template.name
}

/** True for a folder with nothing in it but what may be there, false where there is nothing; anything else is refused. */
async function isFreeFolder(directory: string, { takes }: Room): Promise<boolean> {
  await removeDeadStaging(directory)
  await removeDeadStaging(dirname(directory))
  try {
    if (!(await readdir(directory)).every(takes)) throw await notEmpty(directory)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    if (isSystemError(error, 'ENOTDIR')) throw await notEmpty(directory)
    throw storageError(error, directory)
  }
}

async function notEmpty(directory: string): Promise<FtiError> {
  const entries = await readdir(directory).catch(() => undefined)
  return new FtiError(projectErrors.FTI_FOLDER_NOT_EMPTY, {
    message: entries ? `the folder ${directory} is not empty` : `${directory} is not a folder`,
    place: directory,
    remedy:
      'name a new or an empty folder, as in fti init my-project, or take the template empty, which goes beside files of yours; nothing was written',
    ...(entries && { detail: `it holds ${entries.sort().slice(0, 5).join(', ')}${entries.length > 5 ? ', …' : ''}` }),
  })
}

async function writeProject(template: Template, target: string, name: string): Promise<string[]> {
  const { spec } = await ownDependency()
  const files = await copyTemplate(template.path, target, { name, fti: spec })
  const schema = join('.fti', 'fti.config.schema.json')
  await mkdir(join(target, '.fti'), { recursive: true })
  await writeFile(join(target, schema), `${JSON.stringify(await projectJsonSchema(), null, 2)}\n`)
  return [...files, schema].sort()
}

/** Moves what is staged into an existing folder, the project file last: without it nothing takes a folder for a project. */
async function moveInto(
  directory: string,
  staged: string,
  files: readonly string[],
  { room, theirPackage }: { readonly room: Room; readonly theirPackage: string | undefined },
): Promise<void> {
  await syncAll(staged, files)
  const others = (await readdir(directory)).filter((entry) => !room.takes(entry) && entry !== basename(staged))
  if (others.length > 0) throw await notEmpty(directory)
  const entries = [...new Set(files.map((file) => file.split(/[\\/]/)[0] ?? file))]
  entries.sort((a, b) => Number(a === projectFileName) - Number(b === projectFileName))
  const moved: string[] = []
  try {
    for (const entry of entries) {
      await rename(join(staged, entry), join(directory, entry))
      moved.push(entry)
    }
  } catch (error) {
    for (const entry of moved) await rm(join(directory, entry), { recursive: true, force: true })
    if (theirPackage !== undefined) await replaceFile(join(directory, packageFile), theirPackage)
    throw error
  }
  await syncDirectory(directory)
}

async function syncAll(folder: string, files: readonly string[]): Promise<void> {
  const folders = new Set([folder])
  for (const file of files) {
    await syncFile(join(folder, file))
    for (let inner = dirname(file); inner !== '.'; inner = dirname(inner)) folders.add(join(folder, inner))
  }
  for (const each of folders) await syncDirectory(each)
}
