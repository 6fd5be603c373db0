import { columnOf, type Model, type Signature, type SignatureGroup, type ValueType } from '../../contract/index.ts'
import type { GroupView } from '../../store/index.ts'

/** The columns of a model's vector before model-dependent transforms, in the one order that training and serving share. */
function vectorColumns(model: Model, groups: ReadonlyMap<string, GroupView>): Signature['columns'] {
  const picked = model.features.flatMap((selection) => {
    const features = groups.get(selection.group)?.published.contract.features ?? []
    return selection.pick.map((name) => ({
      name: columnOf(selection, name),
      type: features.find((feature) => feature.name === name)?.type ?? 'float64',
    }))
  })
  const request = model.request.map(({ name, type }) => ({ name, type }))
  const onDemand = Object.entries(model.onDemand?.outputs ?? {}).map(([name, type]) => ({ name, type }))
  // A moment feeds on-demand code; as a number it would only say how long ago training was.
  return [...picked, ...request, ...onDemand].filter(({ type }) => type !== 'timestamp' && type !== 'date')
}

/** What a version takes and gives, from the model as declared and the contracts as published. */
export function signatureOf(model: Model, groups: ReadonlyMap<string, GroupView>): Signature {
  const entityKeys: Record<string, ValueType> = {}
  const views: SignatureGroup[] = model.features.map((selection) => {
    const view = groups.get(selection.group)
    if (!view) throw new Error(`group ${selection.group} was not opened`)
    const { contract, version } = view.published
    const on = Object.fromEntries(Object.keys(contract.entity.key).map((key) => [key, selection.on[key] ?? key]))
    for (const [key, type] of Object.entries(contract.entity.key)) entityKeys[on[key] ?? key] = type
    const types = Object.fromEntries(
      selection.pick.map((name) => [
        name,
        contract.features.find((feature) => feature.name === name)?.type ?? 'float64',
      ]),
    )
    return {
      group: selection.group,
      as: selection.as,
      on,
      pick: selection.pick,
      contractVersion: version,
      key: contract.entity.key,
      types,
      isStatic: contract.isStatic,
      maxAgeMs: contract.maxAgeMs,
    }
  })
  for (const column of model.request) delete entityKeys[column.name]
  return {
    format: 1,
    task: model.task,
    entityKeys,
    request: model.request,
    groups: views,
    onDemand: model.onDemand && { inputs: model.onDemand.inputs, outputs: model.onDemand.outputs },
    columns: vectorColumns(model, groups),
    output: { name: model.task === 'binary' ? 'probability' : 'value', type: 'float64' },
  }
}
