import { Flags } from '@oclif/core'
import type { TransformPolicy } from '../contract/index.ts'

const flag = (description: string) => Flags.string({ multiple: true, helpValue: 'GROUP', description })

/** What edited transforms mean, for the commands that plan. Each may be given several times. */
export const transformFlags = {
  breaking: flag('The edited transform of this group makes the next contract version'),
  'forward-only': flag('The edited transform of this group makes new rows only; rows up to now keep their values'),
  restate: flag(
    'Other values that the edited transform of this group gives are corrections, known from the next run on',
  ),
}

type GivenFlags = { readonly [Name in keyof typeof transformFlags]?: readonly string[] | undefined }

/** The same flags as they were typed, for another command. */
export function typedPolicies(flags: GivenFlags): string {
  const names = ['breaking', 'forward-only', 'restate'] as const
  return names.flatMap((name) => (flags[name] ?? []).map((group) => ` --${name} ${group}`)).join('')
}

/** Group -> policy. */
export function policiesOf(flags: GivenFlags): Record<string, TransformPolicy> {
  const all = (names: readonly string[] | undefined, policy: TransformPolicy) =>
    (names ?? []).map((name) => [name, policy] as const)
  return Object.fromEntries([
    ...all(flags.breaking, 'breaking'),
    ...all(flags['forward-only'], 'forwardOnly'),
    ...all(flags.restate, 'restate'),
  ])
}
