import { canonicalJson } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { PublishedTransform } from '../../store/index.ts'
import type { GroupInputs } from './inputs.ts'

/**
 * How a transform differs from the published one. `cosmetic`: layout and comments alone. `additive`: it gives more columns, and
 * what it gave before in the same way. `changed`: it may give other values. `unrecorded`: the store is from before transforms were published.
 */
export type TransformChange = 'none' | 'cosmetic' | 'additive' | 'changed' | 'unrecorded'

export interface TransformComparison {
  readonly published: PublishedTransform | undefined
  readonly inputs: Pick<GroupInputs, 'sql' | 'extra'>
  /** Features that the published contract does not have. */
  readonly added: readonly string[]
}

/** Compares by syntax tree; both are parsed now, so that another DuckDB makes no difference. */
export async function compareTransforms(
  engine: Engine,
  { published, inputs, added }: TransformComparison,
): Promise<TransformChange> {
  if (published === undefined) return 'unrecorded'
  if (published.extra !== inputs.extra) return 'changed'
  if (published.sql === inputs.sql) return 'none'
  const [before, now] = [await engine.inspectSelect(published.sql), await engine.inspectSelect(inputs.sql)]
  if (before.tree === now.tree) return 'cosmetic'
  return added.length > 0 && withoutColumns(now.tree, added) === before.tree ? 'additive' : 'changed'
}

interface SelectItem {
  readonly alias?: string
  readonly column_names?: readonly string[]
}

/** The tree of a plain SELECT without some columns of its list; anything else unchanged. */
function withoutColumns(tree: string, names: readonly string[]): string {
  const statement = JSON.parse(tree) as { readonly node?: { select_list?: SelectItem[] } }
  const { node } = statement
  if (node?.select_list === undefined) return tree
  const kept = node.select_list.filter(
    ({ alias, column_names }) => !names.includes(alias || (column_names?.at(-1) ?? '')),
  )
  return canonicalJson({ ...statement, node: { ...node, select_list: kept } })
}
