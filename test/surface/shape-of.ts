/** The form of a JSON value without its contents: types in place of values, one form for all items of an array. */
export function shapeOf(value: unknown): unknown {
  return merged([value])
}

function merged(values: readonly unknown[]): unknown {
  const present = values.filter((value) => value !== undefined)
  const kinds = [...new Set(present.map(kindOf))].sort()
  const shapes = kinds.map((kind) =>
    shapeOfKind(
      kind,
      present.filter((value) => kindOf(value) === kind),
    ),
  )
  return shapes.length === 1 ? shapes[0] : { oneOf: shapes }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function shapeOfKind(kind: string, values: readonly unknown[]): unknown {
  if (kind === 'array') {
    const items = (values as unknown[][]).flat()
    return items.length === 0 ? [] : [merged(items)]
  }
  if (kind !== 'object') return kind
  const objects = values as Record<string, unknown>[]
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort()
  return Object.fromEntries(
    keys.map((key) => {
      const optional = objects.some((object) => !(key in object))
      return [optional ? `${key}?` : key, merged(objects.map((object) => object[key]))]
    }),
  )
}
