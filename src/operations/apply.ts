import { FtiError } from '../base/index.ts'
import { contractOf } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { type PublishedContract, publishContract } from '../store/index.ts'
import { operationsErrors } from './errors.ts'
import { makePlan, type Plan } from './plan.ts'

export interface Applied {
  readonly plan: Plan
  readonly published: readonly PublishedContract[]
}

/**
 * Publishes the contracts of a plan. With an id it does exactly that plan, and refuses when the project file, the
 * store or the registry have changed since. Data is made by the next `fti feature run`.
 */
export async function apply(
  project: Project,
  options: {
    readonly id?: string | undefined
    readonly by: string
    readonly why?: string | undefined
    readonly now: Date
  },
): Promise<Applied> {
  const plan = await makePlan(project)
  if (options.id !== undefined && options.id !== plan.id) {
    throw new FtiError(operationsErrors.FTI_PLAN_OUTDATED, {
      message: `plan ${options.id} is no longer the plan; it is ${plan.id} now`,
      place: project.file,
      remedy: 'look again with: fti plan',
      data: { asked: options.id, now: plan.id },
    })
  }
  const published: PublishedContract[] = []
  for (const { group: name, action, to, changes } of plan.groups) {
    const group = project.groups.get(name)
    if (!group || action === 'none') continue
    published.push(
      await publishContract(project.store, contractOf(group), {
        version: to,
        changes,
        class: action === 'create' ? 'first' : action,
        by: options.by,
        why: options.why,
        now: options.now,
      }),
    )
  }
  return { plan, published }
}
