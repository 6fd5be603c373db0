import { type Command, CommandHelp, Help } from '@oclif/core'
import { wrapWords } from './pages/wrap-words.ts'

/** oclif leaves an empty place among flags that exclude each other for one that it has named before. */
class WholeUsage extends CommandHelp {
  protected override defaultUsage(): string {
    return super
      .defaultUsage()
      .replace(/\|(?:\s*\|)+/g, '|')
      .replace(/\[\s*\|\s*/g, '[')
      .replace(/\s*\|\s*\]/g, ']')
  }
}

/** oclif's help, which fits everything to the terminal but the line that it begins with. */
export class FittedHelp extends Help {
  #isAlone = false
  protected override CommandHelpClass = WholeUsage

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
