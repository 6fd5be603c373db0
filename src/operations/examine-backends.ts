import { type BackendReport, detectBackends } from '../model/index.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Which tensor backends can train here. One that works is enough: the native one is an option, so its absence is a remark. */
export async function examineBackends(): Promise<readonly Diagnosis[]> {
  const reports = await detectBackends()
  const works = reports.some(({ available }) => available)
  return reports.map((report) => ({ check: `backend ${report.name}`, ...findingOf(report, works) }))
}

function findingOf({ name, available, version, why }: BackendReport, works: boolean): Omit<Diagnosis, 'check'> {
  if (available) return { state: 'ok', found: `works (${version})` }
  const found = version === null ? 'is not installed' : `${version} does not load: ${why}`
  if (name === 'tfjs-node') {
    return { state: version === null ? 'ok' : 'warn', found, remedy: 'optional; large networks train faster with it' }
  }
  return { state: works ? 'warn' : 'fail', found, remedy: 'install fti again: it brings this backend with it' }
}
