// fti.config.yaml as checked nouns with places, its JSON Schema, the order of groups, bundles of project code.
// Executes none of the project's code, writes nothing into a project that exists (it gives the text with new entries), knows no
// store and no registry.

export type { CaseRow, CaseTable, FeatureCase } from './cases/feature-case.ts'
export { type CaseFile, caseFolder, findCases } from './cases/find-cases.ts'
export { type NewCase, newCaseText } from './cases/new-case-text.ts'
export { readCase } from './cases/read-case.ts'
export { dependencyOrder } from './dependency-order.ts'
export { projectErrors } from './errors.ts'
export { findProject } from './find-project.ts'
export { type LoadOptions, loadProject } from './load-project.ts'
export { bundleModule, type ModuleBundle } from './modules.ts'
export type { Project } from './project.ts'
export { type ProjectEntry, withEntries } from './scaffold/add-entries.ts'
export { type ScaffoldedProject, type ScaffoldOptions, scaffold } from './scaffold/scaffold.ts'
export { listTemplates, type Template } from './scaffold/templates.ts'
export { projectJsonSchema } from './schema/json-schema.ts'
export { yamlText } from './text/yaml-text.ts'
