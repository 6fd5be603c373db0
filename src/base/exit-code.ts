/** What a process says as it ends. One table for every command. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  pending: 3,
  conflict: 4,
  corrupt: 5,
  unreachable: 6,
  resources: 7,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
