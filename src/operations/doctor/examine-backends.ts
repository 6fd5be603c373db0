import { type BackendReport, detectBackends } from '../../model/index.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Which tensor backends can train here. One that works is enough: the native one is an option, so its absence is a remark. */
export async function examineBackends(): Promise<readonly Diagnosis[]> {
  const reports = await detectBackends()
  const works = reports.some(({ available }) => available)
  return reports.map((report) => ({ check: `backend ${report.name}`, ...findingOf(report, works) }))
}

function findingOf({ name, available, version, why }: BackendReport, works: boolean): Omit<Diagnosis, 'check'> {
  if (available) return { state: 'ok', found: `works (${version})` }
  const isOptional = name.startsWith('tfjs-node')
  if (version === null && isOptional) return { state: 'ok', found: 'is not installed, and is optional' }
  const found = version === null ? 'is not installed' : `${version} does not load: ${why}`
  return {
    state: works ? 'warn' : 'fail',
    found,
    remedy: isOptional ? reinstall(name) : 'install fti again: it brings this backend with it',
  }
}

function reinstall(name: string): string {
  return `remove @tensorflow/${name}, or install a version that fits this Node and this machine`
}
