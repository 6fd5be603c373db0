import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFile, FtiError, isSystemError, makeDirectory, replaceFile } from '../../base/index.ts'
import { operationsErrors } from '../errors.ts'
import type { GeneratedFile } from './installation.ts'

/** Writes generated files below a folder. A file that someone has changed is replaced only on request. */
export async function writeGeneratedFiles(
  files: readonly GeneratedFile[],
  directory: string,
  { replace }: { replace: boolean },
): Promise<readonly string[]> {
  const written: string[] = []
  for (const file of files) {
    const path = join(directory, file.path)
    await makeDirectory(dirname(path))
    if (replace) await replaceFile(path, file.text)
    else await createOrKeep(path, file.text)
    written.push(path)
  }
  return written
}

async function createOrKeep(path: string, text: string): Promise<void> {
  const existing = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  })
  if (existing === text) return
  if (existing === undefined && (await createFile(path, text))) return
  throw new FtiError(operationsErrors.FTI_GENERATE_EXISTS, {
    message: `${path} exists and differs from what would be written`,
    place: path,
    remedy: 'compare them, then add --replace to overwrite it',
  })
}
