import { baseErrors, type ErrorCatalogue } from '../../base/index.ts'
import { contractErrors } from '../../contract/index.ts'
import { engineErrors } from '../../engine/index.ts'
import { featureErrors } from '../../feature/index.ts'
import { inferenceErrors } from '../../inference/index.ts'
import { modelErrors } from '../../model/index.ts'
import { onlineErrors } from '../../online/index.ts'
import { operationsErrors } from '../../operations/index.ts'
import { projectErrors } from '../../project/index.ts'
import { registryErrors } from '../../registry/index.ts'
import { runsErrors } from '../../runs/index.ts'
import { scoringErrors } from '../../scoring/index.ts'
import { storeErrors } from '../../store/index.ts'
import { trainingErrors } from '../../training/index.ts'
import { transformErrors } from '../../transform/index.ts'
import { cliErrors } from './errors.ts'

/**
 * Every error that fti can end with, by the room that throws it. The reference page is made from it and a test
 * keeps both equal. No command imports this file: an error carries its own entry.
 */
export const errorCatalogueByRoom: Readonly<Record<string, ErrorCatalogue>> = {
  base: baseErrors,
  cli: cliErrors,
  contract: contractErrors,
  engine: engineErrors,
  feature: featureErrors,
  inference: inferenceErrors,
  model: modelErrors,
  online: onlineErrors,
  operations: operationsErrors,
  project: projectErrors,
  registry: registryErrors,
  runs: runsErrors,
  scoring: scoringErrors,
  store: storeErrors,
  training: trainingErrors,
  transform: transformErrors,
}
