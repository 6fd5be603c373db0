import { FtiError } from '../base/index.ts'
import { cliErrors } from './fate/errors.ts'

export interface Choice {
  readonly name: string
  readonly description?: string
}

/**
 * Lets the user choose one of a list, on a terminal only: in a script the same answer is given by a flag,
 * which the error names. Ctrl-C rejects with what `fateOf` knows as cancelled.
 */
export async function chooseOne(
  message: string,
  choices: readonly Choice[],
  { flag, signal }: { flag: string; signal: AbortSignal },
): Promise<string> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new FtiError(cliErrors.FTI_ANSWER_NEEDED, {
      message: `${message} There is no terminal to ask on`,
      remedy: `add ${flag}=${choices.map(({ name }) => name).join(`, or ${flag}=`)}`,
      data: { flag, choices: choices.map(({ name }) => name) },
    })
  }
  const { select } = await import('@inquirer/prompts')
  const options = choices.map(({ name, description }) => ({
    name: description === undefined ? name : `${name}: ${description}`,
    value: name,
    short: name,
  }))
  return await select({ message, choices: options }, { output: process.stderr, signal })
}
