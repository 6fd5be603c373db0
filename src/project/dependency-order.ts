import { FtiError } from '../base/index.ts'
import { projectErrors } from './errors.ts'

/**
 * Group names such that each comes after those it reads; otherwise in the given order.
 * Names among the dependencies that are not groups (sources, groups of another project) are ignored.
 * @param place where a group is declared, for the error: `file:line:column`
 */
export function dependencyOrder(
  groups: Iterable<string>,
  dependencies: ReadonlyMap<string, readonly string[]>,
  place?: (group: string) => string,
): string[] {
  const known = new Set(groups)
  const done = new Set<string>()
  const visit = (group: string, chain: readonly string[]): void => {
    if (done.has(group)) return
    if (chain.includes(group)) throw cycle([...chain.slice(chain.indexOf(group)), group], place)
    for (const read of dependencies.get(group) ?? []) if (known.has(read)) visit(read, [...chain, group])
    done.add(group)
  }
  for (const group of known) visit(group, [])
  return [...done]
}

function cycle(names: readonly string[], place?: (group: string) => string): FtiError {
  const [first = ''] = names
  return new FtiError(projectErrors.FTI_PROJECT_CYCLE, {
    message:
      names.length === 2
        ? `the feature group ${first} is made from itself`
        : `feature groups are made in a circle: ${names.join(' <- ')}`,
    place: place?.(first),
    remedy: `remove one of these names from the SQL of the group that reads it; to read a group's own history is not possible`,
    data: { cycle: names },
  })
}
