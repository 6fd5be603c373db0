import { Args, Flags } from '@oclif/core'
import { BaseCommand, chooseOne, type Page } from '../cli/index.ts'
import type { ScaffoldedProject } from '../project/index.ts'

export default class Init extends BaseCommand {
  static override summary = 'Make a new project from a template, with data, so that it runs at once'
  static override description = 'Refuses a folder that is not empty. On a terminal it asks for what no flag says.'
  static override examples = [
    '<%= config.bin %> init flights --template flights',
    { description: 'Asks for the template', command: '<%= config.bin %> init my-project' },
  ]
  static override args = {
    dir: Args.string({ default: '.', description: 'Folder to make; the current one unless given' }),
  }
  static override flags = {
    template: Flags.string({ char: 't', helpValue: 'flights|minimal', description: 'Which template to copy' }),
    name: Flags.string({ description: 'Name of the project; that of the folder unless given' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Init)
    const { listTemplates, scaffold } = await import('../project/index.ts')
    const ask = async () =>
      chooseOne('Which template?', await listTemplates(), { flag: '--template', signal: this.signal })
    const template = flags.template ?? (await ask())
    const project = await scaffold({ template, directory: this.path(args.dir), name: flags.name })
    await this.present(project, (page) => show(page, project, args.dir))
  }
}

function show(page: Page, { name, files, template, directory }: ScaffoldedProject, typed: string): void {
  page.line(`Project ${name}: ${files.length} files from the template ${template} in ${directory}`)
  page.blank().heading('Next')
  const steps = ['fti feature run', 'fti train', 'fti status']
  for (const step of typed === '.' ? steps : [`cd ${typed}`, ...steps]) page.line(`  ${step}`)
}
