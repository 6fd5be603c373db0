import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The git revision of a folder and whether files differ from it; nulls outside a repository or without git. */
export async function codeRevision(directory: string): Promise<{ revision: string | null; dirty: boolean | null }> {
  try {
    const { stdout: revision } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: directory })
    const { stdout: changes } = await promisify(execFile)('git', ['status', '--porcelain', '--', '.'], {
      cwd: directory,
    })
    return { revision: revision.trim(), dirty: changes.trim() !== '' }
  } catch {
    return { revision: null, dirty: null }
  }
}
