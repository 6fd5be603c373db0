/** Keys and places in lists, from the root of a project file down. */
export type ConfigPath = readonly (string | number)[]

/** `featureGroups.airport.features[0]`, for people. */
export function showPath(path: ConfigPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}
