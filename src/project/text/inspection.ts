import { didYouMean } from '../../base/index.ts'
import type { ProjectErrorCode } from '../errors.ts'
import { type ConfigNode, spotOf } from './config-node.ts'
import type { ConfigPath } from './config-path.ts'
import type { Problem } from './problem.ts'

/** Collects what is wrong with a project file whose shape is right. Paths are those of the YAML. */
export class Inspection {
  readonly problems: Problem[] = []
  readonly directory: string
  readonly #root: ConfigNode

  constructor(root: ConfigNode, directory: string) {
    this.#root = root
    this.directory = directory
  }

  add(code: ProjectErrorCode, path: ConfigPath, message: string, remedy: string, at: 'key' | 'value' = 'value'): void {
    this.problems.push({ code, message, remedy, spot: spotOf(this.#root, path, at) })
  }

  /** A name that must be among the known ones. */
  dangling(path: ConfigPath, what: string, name: string, known: Iterable<string>, at: 'key' | 'value' = 'value'): void {
    this.add('FTI_PROJECT_REFERENCE', path, `there is no ${what} '${name}'`, didYouMean(name, known), at)
  }
}
