import type { Project } from '../../project/index.ts'
import { featureStatus } from './feature-status.ts'
import { inferenceStatus } from './inference-status.ts'
import type { PipelineStatus } from './pipeline-status.ts'
import { trainingStatus } from './training-status.ts'

/** Three states, for they are three incidents: features are late, training failed, inference is down. */
export async function status(project: Project, now: Date): Promise<PipelineStatus[]> {
  return [await featureStatus(project, now), await trainingStatus(project, now), await inferenceStatus(project)]
}
