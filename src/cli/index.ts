// The face of fti: shared flags, presentation, progress, the fate of errors. Commands build on it; it decides nothing about data.
export { chooseOne } from './ask.ts'
export { BaseCommand } from './base-command.ts'
export { type Cell, Page, type Text, type Tone, toned } from './page.ts'
export { sparkline } from './plots.ts'
export { showDatasetDescription } from './show-dataset.ts'
export { showError } from './show-error.ts'
export { showFeatureRun } from './show-feature-run.ts'
export { showPlan } from './show-plan.ts'
