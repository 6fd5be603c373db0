import { once } from 'node:events'
import { Args, Flags } from '@oclif/core'
import { parseTime } from '../base/index.ts'
import { BaseCommand } from '../cli/index.ts'

export default class Serve extends BaseCommand {
  static override summary = 'Serve predictions over HTTP, following the tag of the service'
  static override description =
    'Takes up a promoted version within a second without losing a request, keeps the last good one when the registry is damaged or gone, also over a restart, and ends on SIGTERM or Ctrl-C after the requests in flight.'
  static override args = {
    service: Args.string({ description: 'Service of the project file; may be left out when there is one' }),
  }
  static override flags = {
    port: Flags.integer({
      helpValue: 'NUMBER',
      min: 0,
      max: 65_535,
      description: 'Instead of the port of the project file; 0 takes a free one',
    }),
    host: Flags.string({ helpValue: 'ADDRESS', default: '127.0.0.1', description: 'Address to listen on' }),
    'allow-remote': Flags.boolean({ description: 'Listen beyond this machine although nobody is asked who they are' }),
    now: Flags.string({
      helpValue: 'TIME',
      description: 'Stand still at a moment of the past; see feature sync --as-of',
    }),
    log: Flags.option({ options: ['durable', 'buffered', 'off'] as const })({
      default: 'durable',
      description: 'Prediction log: on disk before the reply, soon after it, or none',
    }),
  }
  static override examples = [
    '<%= config.bin %> serve',
    { description: 'On a day of the past', command: '<%= config.bin %> serve --now 2013-12-10T12:00Z --port 0' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Serve)
    const project = await this.openProject({ published: 'unchecked' })
    const { serve } = await import('../inference/index.ts')
    const server = await serve(project, {
      service: args.service,
      host: flags.host,
      port: flags.port,
      allowRemote: flags['allow-remote'],
      now: flags.now === undefined ? undefined : parseTime(flags.now),
      logMode: flags.log,
      reporter: this.reporter,
    })
    const { url, port } = server
    await this.present({ url, port, model: server.model(), service: server.service }, (page) =>
      page.line(`${server.service} answers at ${url}/v1/services/${server.service}/predict with ${server.model()}`),
    )
    if (!this.signal.aborted) await once(this.signal, 'abort')
    await server.close()
  }
}
