import { Args, Flags } from '@oclif/core'
import { BaseCommand, chooseOne, type Page } from '../cli/index.ts'
import type { ScaffoldedProject } from '../project/index.ts'

export default class Init extends BaseCommand {
  static override isAction = true
  static override summary = 'Make a new project from a template, with data, so that it runs at once'
  static override description =
    'Refuses a folder that holds anything but git and what `npm install` leaves; to a package.json it adds what is missing. On a terminal it asks for what no flag says.'
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

function show(page: Page, project: ScaffoldedProject, typed: string): void {
  const { name, files, template, directory, addedToPackage } = project
  page.line(`Project ${name}: ${files.length} files from the template ${template} in ${directory}`)
  if (addedToPackage !== null && addedToPackage.length > 0)
    page.line(`package.json was there and keeps what it says; added: ${addedToPackage.join(', ')}`)
  if (!files.includes('package.json'))
    page.line('package.json was there and is no JSON object; correct it, then add fti to its dependencies')
  page.blank().heading('Next')
  const steps = ['fti feature run', 'fti train', 'fti status']
  for (const step of typed === '.' ? steps : [`cd ${typed}`, ...steps]) page.line(`  ${step}`)
}
