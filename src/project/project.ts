import type { Entity, FeatureGroup, Model, OnlineLocation, Service, Source } from '../contract/index.ts'
import type { ConfigPath } from './text/config-path.ts'

/** A project file that passed every check: all paths absolute, all defaults filled in. */
export interface Project {
  readonly name: string
  /** Folder of the project file; relative paths in it begin here. */
  readonly directory: string
  readonly file: string
  /** Name of the overlay that was merged in, as given with `--env`. */
  readonly environment?: string | undefined
  /** SHA-256 of the resolved configuration: layout, comments and the folder do not count. */
  readonly digest: string
  readonly store: string
  readonly registry: string
  readonly online: OnlineLocation
  /** Run records, locks and caches: `<directory>/.fti`. */
  readonly state: string
  readonly sources: ReadonlyMap<string, Source>
  readonly entities: ReadonlyMap<string, Entity>
  /** In the order of the file, which is not the order of dependency (see `dependencyOrder`). */
  readonly groups: ReadonlyMap<string, FeatureGroup>
  readonly models: ReadonlyMap<string, Model>
  readonly services: ReadonlyMap<string, Service>
  /** `file:line:column` of a key such as `['featureGroups', 'airport', 'transform']`; the nearest parent's when it is absent. */
  locate(path: ConfigPath): string
  /** The line there with a caret under it. */
  excerpt(path: ConfigPath): string
}
