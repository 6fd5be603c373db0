import { type Command, Help } from '@oclif/core'
import { wrapWords } from './pages/wrap-words.ts'

/** oclif's help, which fits everything to the terminal but the line that it begins with. */
export class FittedHelp extends Help {
  #isAlone = false

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.#isAlone = true
    await super.showCommandHelp(command)
  }

  protected override summary(command: Command.Loadable): string | undefined {
    const summary = super.summary(command)
    // In a list oclif breaks the lines itself.
    return summary === undefined || !this.#isAlone ? summary : wrapWords(summary, this.opts.maxWidth).join('\n')
  }
}
