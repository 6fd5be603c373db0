import { counted, throwIfCancelled } from '../../base/index.ts'
import { findProject, loadProject, type Project } from '../../project/index.ts'
import { type Diagnosis, diagnose } from './diagnosis.ts'
import { examineFileSystem, examineSpace } from './examine-disk.ts'
import { examineOnline } from './examine-online.ts'

export interface DoctorOptions {
  readonly directory: string
  readonly environment?: string | undefined
  readonly signal: AbortSignal
}

/** Looks at all that fti needs on this machine and in this project; changes nothing. */
export async function examine({ directory, environment, signal }: DoctorOptions): Promise<readonly Diagnosis[]> {
  let project: Project | undefined
  const found = [await diagnose('Node', examineNode)]
  found.push(
    await diagnose('project', async () => {
      if ((await findProject(directory)) === undefined) return noProject
      project = await loadProject({ directory, environment, published: 'unchecked', checkFiles: true })
      const counts = `${counted(project.groups.size, 'feature group')}, ${counted(project.models.size, 'model')}`
      return { state: 'ok', found: `${project.name}: ${counts}`, place: project.file }
    }),
  )
  throwIfCancelled(signal)
  const { examineEngine } = await import('./examine-engine.ts')
  found.push(await diagnose('DuckDB', examineEngine))
  throwIfCancelled(signal)
  const { examineBackends } = await import('./examine-backends.ts')
  found.push(...(await examineBackends()))
  if (project) {
    const opened = project
    const { examineRegistry } = await import('./examine-registry.ts')
    found.push(await diagnose('registry', () => examineRegistry(opened, signal)))
    found.push(await diagnose('online store', () => examineOnline(opened)))
    const { examineSources } = await import('./examine-sources.ts')
    found.push(...(await examineSources(opened)))
    throwIfCancelled(signal)
  }
  const folders = new Set(project === undefined ? [directory] : [project.store, project.registry, project.state])
  for (const folder of folders) found.push(await diagnose('file system', () => examineFileSystem(folder)))
  found.push(await diagnose('space', () => examineSpace(project?.store ?? directory)))
  return found
}

/** The machine can be looked at without a project, so this alone is no failure. */
const noProject = {
  state: 'warn' as const,
  found: 'there is no fti.config.yaml here or in any folder above',
  remedy: 'make a project with `fti init`, or name its folder with --chdir',
}

async function examineNode(): Promise<Omit<Diagnosis, 'check'>> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const found = `${process.version} on ${process.platform}-${process.arch}`
  if (major > 20 || (major === 20 && minor >= 19)) return { state: 'ok', found }
  return { state: 'fail', found, remedy: 'install Node 20.19 or newer' }
}
