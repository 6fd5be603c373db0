// What spans pipelines: doctor, files for schedulers. Decides and applies; prints nothing.
export type { Diagnosis } from './diagnosis.ts'
export { type DoctorOptions, examine } from './doctor.ts'
export { operationsErrors } from './errors.ts'
export { crontab } from './generate/crontab.ts'
export { type Generated, type GenerateOptions, generate } from './generate/generate.ts'
export { githubWorkflow, type Repository } from './generate/github-workflow.ts'
export type { GeneratedFile, Installation } from './generate/installation.ts'
export { systemdUnits } from './generate/systemd-units.ts'
