import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { didYouMean, digestOf, FtiError, isSafeName, parseDuration } from '../base/index.ts'
import { type Contract, contractOf, type FeatureGroup, type Service } from '../contract/index.ts'
import { buildEntities, buildGroups } from './build/build-groups.ts'
import { buildModels } from './build/build-models.ts'
import { buildOnline } from './build/build-online.ts'
import { buildSources } from './build/build-sources.ts'
import type { KnownGroups } from './build/view-columns.ts'
import { projectErrors } from './errors.ts'
import { exists, findProject, projectFileName } from './find-project.ts'
import type { Project } from './project.ts'
import type { ProjectYaml } from './schema/project-schema.ts'
import { schemaProblems } from './schema/schema-problems.ts'
import { type ConfigNode, mapScalars, mergeNodes, spotOf, toValue } from './text/config-node.ts'
import { resolveScalar } from './text/environment-value.ts'
import { Inspection } from './text/inspection.ts'
import { type Problem, projectError } from './text/problem.ts'
import { excerptOf, placeOf, shownPath } from './text/project-text.ts'
import { readConfig } from './text/read-config.ts'

type Published = ReadonlyMap<string, Contract> | 'unchecked'

export interface LoadOptions {
  /** Where to look for `fti.config.yaml`, here and above. The working directory unless given. */
  readonly directory?: string | undefined
  /** The project file itself; then nothing is searched. */
  readonly file?: string | undefined
  /** Merges `fti.config.<environment>.yaml` over the project file. */
  readonly environment?: string | undefined
  /** What `${env:NAME}` reads. The process's own unless given. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /**
   * Contracts in the store, for groups that this file does not define, or how to read them from the store's path
   * (asked only when a model names such a group). Without it such a group is an error; `unchecked` accepts it unseen,
   * for callers that never look at a feature view.
   */
  readonly published?: Published | ((store: string) => Promise<Published>) | undefined
  /** Also checks that SQL files and modules exist. Executes none of them. */
  readonly checkFiles?: boolean | undefined
}

/**
 * Reads and checks a project file. Executes none of the project's code and writes nothing.
 * Throws one `FtiError` that carries every problem found, each with its place, rule and remedy.
 */
export async function loadProject(options: LoadOptions = {}): Promise<Project> {
  const file = await projectFile(options)
  const problems: Problem[] = []
  const root = await readLayers(file, options, problems)
  const { projectSchema } = await import('./schema/project-schema.ts')
  const value = toValue(root)
  const parsed = projectSchema.safeParse(value)
  if (!parsed.success) problems.push(...schemaProblems(root, parsed.error.issues))
  if (!parsed.success || problems.length > 0) throw projectError(problems)
  const inspection = new Inspection(root, dirname(file))
  const project = buildProject(
    file,
    parsed.data,
    root,
    { environment: options.environment, published: await publishedFor(parsed.data, dirname(file), options.published) },
    inspection,
  )
  if (options.checkFiles) await checkFiles(project, inspection)
  if (inspection.problems.length > 0) throw projectError(inspection.problems)
  return project
}

async function projectFile({ directory = process.cwd(), file }: LoadOptions): Promise<string> {
  if (file !== undefined) return resolve(file)
  const found = await findProject(directory)
  if (found !== undefined) return found
  const misnamed = (await exists(join(directory, 'fti.config.yml'))) ? 'fti.config.yml' : undefined
  throw new FtiError(projectErrors.FTI_PROJECT_NOT_FOUND, {
    message: `there is no ${projectFileName} in ${directory} or above`,
    place: directory,
    remedy: misnamed
      ? `rename ${misnamed} to ${projectFileName}`
      : 'go into a project, or make one: fti init my-project; in a folder with data of your own, fti init --template empty',
  })
}

async function publishedFor(
  yaml: ProjectYaml,
  directory: string,
  published: LoadOptions['published'],
): Promise<Published | undefined> {
  if (typeof published !== 'function') return published
  const declared = yaml.featureGroups ?? {}
  const named = Object.values(yaml.models ?? {}).flatMap((model) => [
    model.label.group,
    ...(model.features ?? []).map(({ group }) => group),
  ])
  const pins = Object.values(yaml.models ?? {}).some(({ features }) => features?.some(({ contract }) => contract))
  return !pins && named.every((group) => Object.hasOwn(declared, group))
    ? undefined
    : await published(storePath(yaml, directory))
}

function storePath(yaml: ProjectYaml, directory: string): string {
  return resolve(directory, yaml.store ?? 'store')
}

/** The project file with its overlay merged in and its environment variables filled in. */
async function readLayers(file: string, options: LoadOptions, problems: Problem[]): Promise<ConfigNode> {
  let root = await readConfig(file, problems)
  if (options.environment !== undefined) {
    root = mergeNodes(root, await readConfig(await overlayFile(file, options.environment), problems))
  }
  return mapScalars(root, (scalar, path) => resolveScalar(scalar, path, options.env ?? process.env, problems))
}

async function overlayFile(file: string, environment: string): Promise<string> {
  const stem = basename(file).replace(/\.ya?ml$/, '')
  const overlay = join(dirname(file), `${stem}.${environment}.yaml`)
  if (isSafeName(environment) && (await exists(overlay))) return overlay
  const names = await readdir(dirname(file))
  const overlays = names.filter(
    (name) => name.startsWith(`${stem}.`) && name.endsWith('.yaml') && name !== basename(file),
  )
  const known = overlays.map((name) => name.slice(stem.length + 1, -'.yaml'.length))
  throw new FtiError(projectErrors.FTI_PROJECT_OVERLAY_UNKNOWN, {
    message: `there is no environment '${environment}': ${stem}.${environment}.yaml does not exist`,
    place: shownPath(dirname(file)),
    remedy:
      known.length === 0
        ? `make ${stem}.${environment}.yaml with the keys that differ`
        : didYouMean(environment, known),
  })
}

interface BuildOptions {
  readonly environment?: string | undefined
  readonly published: Published | undefined
}

function buildProject(
  file: string,
  yaml: ProjectYaml,
  root: ConfigNode,
  options: BuildOptions,
  inspection: Inspection,
): Project {
  const directory = inspection.directory
  for (const key of ['store', 'registry'] as const) checkLocal(yaml[key], key, inspection)
  const sources = buildSources(yaml.sources ?? {}, inspection)
  const entities = buildEntities(yaml.entities ?? {}, inspection)
  const groups = buildGroups(yaml.featureGroups ?? {}, entities, sources, inspection)
  const models = buildModels(yaml.models ?? {}, knownGroups(yaml, groups, options.published), inspection)
  return {
    name: yaml.project,
    directory,
    file,
    environment: options.environment,
    // The order of key columns is part of a contract, and canonical JSON sorts it away.
    digest: digestOf({ value: toValue(root), keys: [...entities.values()].map(({ key }) => Object.keys(key)) }),
    store: storePath(yaml, directory),
    registry: resolve(directory, yaml.registry ?? 'registry'),
    online: buildOnline(yaml.online, yaml.project, inspection),
    state: join(directory, '.fti'),
    sources,
    entities,
    groups,
    models,
    services: buildServices(yaml, inspection),
    locate: (path) => placeOf(spotOf(root, path)),
    excerpt: (path) => excerptOf(spotOf(root, path)),
  }
}

function checkLocal(location: string | undefined, key: string, inspection: Inspection): void {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location ?? '')?.[1]
  if (scheme === undefined) return
  inspection.add(
    'FTI_PROJECT_UNSUPPORTED',
    [key],
    `${key}: ${scheme}:// is not supported yet in this version`,
    'write the path of a directory on a local disk',
  )
}

function knownGroups(
  yaml: ProjectYaml,
  groups: ReadonlyMap<string, FeatureGroup>,
  published: Published | undefined,
): KnownGroups {
  const declared = Object.keys(yaml.featureGroups ?? {})
  const stored = published === 'unchecked' ? undefined : published
  return {
    names: [...declared, ...[...(stored?.keys() ?? [])].filter((name) => !name.includes('@'))],
    versions: (name) => (published === 'unchecked' ? undefined : versionsOf(name, stored)),
    contract: (name, version) => {
      if (version !== undefined) return stored?.get(`${name}@${version}`)
      const group = groups.get(name)
      return group ? contractOf(group) : declared.includes(name) ? undefined : stored?.get(name)
    },
    mustExist: (name) => !declared.includes(name) && published !== 'unchecked',
  }
}

/** Keys of the map are names of groups, and `group@v1`. */
function versionsOf(group: string, stored: ReadonlyMap<string, unknown> = new Map()): string[] {
  return [...stored.keys()].filter((key) => key.startsWith(`${group}@`)).map((key) => key.slice(group.length + 1))
}

function buildServices(yaml: ProjectYaml, inspection: Inspection): Map<string, Service> {
  const services = new Map<string, Service>()
  const models = Object.keys(yaml.models ?? {})
  for (const [name, service] of Object.entries(yaml.services ?? {})) {
    if (!models.includes(service.model))
      inspection.dangling(['services', name, 'model'], 'model', service.model, models)
    services.set(name, {
      name,
      description: service.description,
      owner: service.owner,
      model: service.model,
      tag: service.tag ?? 'champion',
      onUnknownEntity: service.onUnknownEntity ?? 'impute',
      onUnavailableFeatures: service.onUnavailableFeatures ?? 'impute',
      port: service.port ?? 8080,
      objective: service.objective && { p99Ms: parseDuration(service.objective.p99) },
    })
  }
  return services
}

async function checkFiles({ groups, models }: Project, inspection: Inspection): Promise<void> {
  const check = async (file: string, path: readonly string[]) => {
    if (!(await exists(file)))
      inspection.add(
        'FTI_PROJECT_REFERENCE',
        path,
        `there is no file ${shownPath(file)}`,
        'create it, or correct the path',
      )
  }
  for (const { name, transform } of groups.values()) {
    const path = ['featureGroups', name, 'transform']
    await check(transform.path, transform.module === undefined ? path : [...path, 'sql'])
    if (transform.module !== undefined) await check(transform.module, [...path, 'module'])
  }
  for (const model of models.values()) {
    await check(model.spine, ['models', model.name, 'spine'])
    if (model.onDemand) await check(model.onDemand.module, ['models', model.name, 'onDemand', 'module'])
  }
}
