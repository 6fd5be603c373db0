// Keeps requests in flight to a server until it is told to stop: node load-process.mjs URL COUNT INSTANCES
import { Agent, request } from 'node:http'

/** Equal answers are counted together: what a version says to one instance is always the same. */
export interface AnswerCount {
  readonly status: number
  /** `late_departure@1`; of a failed request what went wrong. */
  readonly model: string
  /** Place of the request's instance in INSTANCES. */
  readonly instance: number
  readonly probability: number | null
  count: number
}

const [url = '', inFlight = '', list = ''] = process.argv.slice(2)
const instances = JSON.parse(list) as object[]
const agent = new Agent({ keepAlive: true, maxSockets: Number(inFlight) })
const answers = new Map<string, AnswerCount>()
let sent = 0
let open = 0
let isOver = false

process.on('message', (message) => {
  if (message === 'count') process.send?.(total())
  else isOver = true
})
// The test is gone, however it ended: nobody would ever tell this process to stop.
process.on('disconnect', () => process.exit())
for (let i = 0; i < Number(inFlight); i++) ask()

function ask(): void {
  const instance = sent++ % instances.length
  open++
  const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } }
  const outgoing = request(url, options, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part) => {
      text += part
    })
    response.on('end', () => {
      if (response.statusCode !== 200) return count(response.statusCode ?? 0, text, instance, null)
      const body = JSON.parse(text) as { model: string; predictions: { probability: number }[] }
      return count(200, body.model, instance, body.predictions[0]?.probability ?? null)
    })
    response.on('error', (error) => count(0, error.message, instance, null))
  })
  outgoing.on('error', (error) => count(0, error.message, instance, null))
  outgoing.end(JSON.stringify({ instances: [instances[instance]] }))
}

function count(status: number, model: string, instance: number, probability: number | null): void {
  const key = JSON.stringify([status, model, instance, probability])
  const same = answers.get(key)
  if (same) same.count++
  else answers.set(key, { status, model, instance, probability, count: 1 })
  open--
  if (!isOver) ask()
  else if (open === 0) {
    agent.destroy()
    process.send?.([...answers.values()], () => process.disconnect())
  }
}

function total(): number {
  return [...answers.values()].reduce((sum, answer) => sum + answer.count, 0)
}
