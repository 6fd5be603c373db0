// Writes docs/reference from the built program: `npm run docs`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const { commandsPage, errorsPage } = await createJiti(import.meta.url).import('./reference.ts')
const { projectFilePage } = await createJiti(import.meta.url).import('./project-file.ts')
const { errorCatalogueByRoom } = await import('../dist/cli/fate/error-catalogue.js')
const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8'))

mkdirSync(`${root}/docs/reference`, { recursive: true })
writeFileSync(`${root}/docs/reference/errors.md`, errorsPage(errorCatalogueByRoom))
writeFileSync(`${root}/docs/reference/commands.md`, commandsPage(Object.values(manifest.commands)))
writeFileSync(`${root}/docs/reference/project-file.md`, projectFilePage())
