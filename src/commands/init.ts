import { Args, Flags } from '@oclif/core'
import { counted } from '../base/index.ts'
import { BaseCommand, chooseOne, type Page } from '../cli/index.ts'
import type { ScaffoldedProject } from '../project/index.ts'

export default class Init extends BaseCommand {
  static override isAction = true
  static override summary =
    'Make a new project from a template: with data, so that it runs at once, or empty, for data of your own'
  static override description =
    'Refuses a folder that holds anything but git and what `npm install` leaves; the template empty goes into any folder without a project. To a package.json it adds what is missing. On a terminal it asks for what no flag says.'
  static override examples = [
    '<%= config.bin %> init flights --template flights',
    { description: 'In a folder with data of your own', command: '<%= config.bin %> init --template empty' },
    { description: 'Asks for the template', command: '<%= config.bin %> init my-project' },
  ]
  static override args = {
    dir: Args.string({ default: '.', description: 'Folder to make; the current one unless given' }),
  }
  static override flags = {
    template: Flags.string({ char: 't', helpValue: 'flights|minimal|empty', description: 'Which template to copy' }),
    name: Flags.string({ helpValue: 'NAME', description: 'Name of the project; that of the folder unless given' }),
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
  const { name, files, kept, template, directory, addedToPackage } = project
  page.line(`Project ${name}: ${counted(files.length, 'file')} from the template ${template} in ${directory}`)
  if (addedToPackage !== null && addedToPackage.length > 0)
    page.line(`package.json was there and keeps what it says; added: ${addedToPackage.join(', ')}`)
  if (kept.includes('.gitignore')) page.line('.gitignore was there; add to it: .fti/ store/ registry/ node_modules/')
  if (!files.includes('package.json'))
    page.line('package.json was there and is no JSON object; correct it, then add fti to its dependencies')
  page.blank().heading('Next')
  const steps =
    template === 'empty'
      ? ['fti feature new NAME --from data.csv', 'fti feature run', 'fti status']
      : ['fti feature run', 'fti train', 'fti status']
  for (const step of typed === '.' ? steps : [`cd ${typed}`, ...steps]) page.line(`  ${step}`)
}
