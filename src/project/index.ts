// fti.config.yaml as checked nouns with places, its JSON Schema, the order of groups, bundles of project code.
// Executes none of the project's code, writes nothing into a project that exists (it gives the text with new entries), knows no
// store and no registry.
export { type ProjectEntry, withEntries } from './add-entries.ts'
export { dependencyOrder } from './dependency-order.ts'
export { projectErrors } from './errors.ts'
export { findProject } from './find-project.ts'
export { projectJsonSchema } from './json-schema.ts'
export { type LoadOptions, loadProject } from './load-project.ts'
export { bundleModule, type ModuleBundle } from './modules.ts'
export type { Project } from './project.ts'
export { type ScaffoldedProject, type ScaffoldOptions, scaffold } from './scaffold.ts'
export { listTemplates, type Template } from './templates.ts'
export { yamlText } from './yaml-text.ts'
