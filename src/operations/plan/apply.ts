import { FtiError } from '../../base/index.ts'
import { contractOf } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { latestContract, type PublishedContract, publishContract } from '../../store/index.ts'
import { operationsErrors } from '../errors.ts'
import { type TransformPolicies, withTransforms } from './decide-transforms.ts'
import { makePlan, type Plan } from './plan.ts'
import { transformDigest } from './plan-group.ts'

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
    /** What edited transforms mean, where that is not what the project file says. */
    readonly policies?: TransformPolicies | undefined
    readonly now: Date
  },
): Promise<Applied> {
  if (options.id !== undefined) checkId(options.id, project)
  const plan = await makePlan(project, options.policies)
  if (options.id !== undefined && options.id !== plan.id) {
    throw outdated(project, options.id, plan.id)
  }
  refuseUnsound(project, plan)
  const published: PublishedContract[] = []
  await withTransforms(project, options.policies ?? {}, async (decide) => {
    for (const { group: name, action, to, changes, transform } of plan.groups) {
      const group = project.groups.get(name)
      if (!group || action === 'none') continue
      const decided = await decide(group, await latestContract(project.store, name))
      if (transformDigest(decided) !== transform.digest) throw outdated(project, plan.id)
      published.push(
        await publishContract(project.store, contractOf(group), {
          version: to,
          changes,
          class: action === 'create' ? 'first' : action,
          transform: decided.publish,
          by: options.by,
          why: options.why,
          now: options.now,
        }),
      )
    }
  })
  return { plan, published }
}

function outdated(project: Project, asked: string, now?: string): FtiError {
  return new FtiError(operationsErrors.FTI_PLAN_OUTDATED, {
    message: `plan ${asked} is no longer the plan${now === undefined ? '' : `; it is ${now} now`}`,
    place: project.file,
    remedy: 'look again with fti plan and the same flags: each decision is a part of the plan',
    data: { asked, now: now ?? null },
  })
}

/** Eight digits of a digest, as `fti plan` prints them. */
function checkId(id: string, project: Project): void {
  if (/^[0-9a-f]{8}$/.test(id)) return
  throw new FtiError(operationsErrors.FTI_PLAN_ID_INVALID, {
    message: `'${id}' is not the id of a plan, which has eight digits such as 1f0c9a3e`,
    remedy: project.groups.has(id)
      ? 'apply publishes the whole plan, not one group: look at it with fti plan, then write: fti apply'
      : 'look at the plan and its id with fti plan; fti apply without an id takes the plan of now',
    data: { asked: id },
  })
}

/** A contract that its own transform does not keep would be published for nothing, and could not be taken back. */
function refuseUnsound(project: Project, { problems }: Plan): void {
  const [first] = problems
  if (first === undefined) return
  throw new FtiError(operationsErrors.FTI_PLAN_UNSOUND, {
    message:
      problems.length === 1 ? first.message : `${problems.length} problems stand against the plan; ${first.message}`,
    place: first.place ?? project.file,
    remedy: `${first.remedy}; nothing was published. All problems: fti check`,
    detail: problems.length === 1 ? first.detail : problems.map(({ message }) => message).join('\n'),
    data: { problems },
  })
}
