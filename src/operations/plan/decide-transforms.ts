import { didYouMean, FtiError } from '../../base/index.ts'
import type { FeatureGroup, TransformPolicy } from '../../contract/index.ts'
import { decideTransform, findInputs, openProjectEngine, type TransformDecision } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { listGroups, type PublishedContract } from '../../store/index.ts'
import { operationsErrors } from '../errors.ts'

/** Group -> what its edited transform means, said on the command line over what the project file says. */
export type TransformPolicies = Readonly<Record<string, TransformPolicy>>

type Decide = (group: FeatureGroup, latest: PublishedContract | undefined) => Promise<TransformDecision>

/** Does something that needs to know what the transforms of the project mean beside the published ones. */
export async function withTransforms(
  project: Project,
  policies: TransformPolicies,
  work: (decide: Decide) => Promise<void>,
): Promise<void> {
  const unknown = Object.keys(policies).find((name) => !project.groups.has(name))
  if (unknown !== undefined) throw unknownGroup(project, unknown)
  const engine = await openProjectEngine(project)
  try {
    const published = await listGroups(project.store)
    await work(async (group, latest) => {
      try {
        const inputs = await findInputs(engine, project, group, published)
        return await decideTransform(engine, {
          root: project.store,
          group,
          latest,
          inputs,
          policy: policies[group.name],
        })
      } catch (error) {
        // SQL that cannot be understood is told as a problem of the plan, which then cannot be applied.
        if (error instanceof FtiError) return { change: 'none', publish: undefined }
        throw error
      }
    })
  } finally {
    await engine.close()
  }
}

function unknownGroup(project: Project, name: string): FtiError {
  return new FtiError(operationsErrors.FTI_PLAN_GROUP_UNKNOWN, {
    message: `there is no feature group '${name}' in ${project.name}`,
    place: project.file,
    remedy: didYouMean(name, project.groups.keys()),
  })
}
