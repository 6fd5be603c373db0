/** A value as YAML text, for files that fti generates. Strings are quoted where another reader might see something else. */
export async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  // YAML 1.1 readers take `on`, `no` and `12:30` for other types; long lines stay whole so that commands can be copied.
  return stringify(value, { version: '1.1', lineWidth: 0 })
}
