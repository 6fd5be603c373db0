// A server to be measured, in a process of its own: prints its port and, when its stdin ends, stops.
import { fastify } from 'fastify'

const [kind, options = '{}'] = process.argv.slice(2)
const url = kind === 'floor' ? await floor() : await ours(JSON.parse(options))
process.stdout.write(`${new URL(url).port}\n`)
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

/** An empty handler that only has its body parsed as JSON. */
async function floor() {
  const app = fastify({ logger: false })
  app.post('/v1/services/bench/predict', (request, reply) =>
    reply.send({ predictions: [], rows: request.body.instances.length }),
  )
  return app.listen({ port: 0, host: '127.0.0.1' })
}

async function ours({ registry, online, logs, mode, windowMs }) {
  const { startServer } = await import('../../dist/inference/index.js')
  const service = {
    name: 'bench',
    model: 'bench',
    tag: 'champion',
    onUnknownEntity: 'impute',
    onUnavailableFeatures: 'impute',
    port: 0,
  }
  const server = await startServer({ service, registry, online, log: { directory: logs, mode, windowMs } })
  return server.url
}
