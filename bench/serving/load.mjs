// A closed-loop HTTP client on raw sockets, so that the client costs little beside the server that it measures.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * Sends one request after another on each of `connections` for `seconds`, after a warm-up.
 * Returns requests per second, latency percentiles and the longest in milliseconds, failures, and CPU microseconds of `pid` per request.
 */
export async function load({ port, path, body, connections, seconds, warmUpSeconds = 1, pid }) {
  const payload = Buffer.from(body)
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${payload.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), payload])
  const state = { isMeasuring: false, isOver: false, latencies: [], failures: 0 }
  const clients = Array.from({ length: connections }, () => client(port, request, state))
  await sleep(warmUpSeconds * 1000)
  state.isMeasuring = true
  const cpuBefore = cpuMicroseconds(pid)
  const started = performance.now()
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - started) / 1000
  const cpu = cpuMicroseconds(pid) - cpuBefore
  state.isMeasuring = false
  state.isOver = true
  await Promise.all(clients)
  const sorted = Float64Array.from(state.latencies).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return {
    perSecond: sorted.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    cpuMicroseconds: cpu / sorted.length,
    failures: state.failures,
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** One connection: a reply is whole when its content-length has come; nothing else of it is looked at. */
function client(port, request, state) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sentAt = 0
    let missing = -1
    let text = ''
    const send = () => {
      missing = -1
      text = ''
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', resolve)
    socket.on('data', (chunk) => {
      if (missing < 0) {
        text += chunk.latin1Slice(0, chunk.length)
        const end = text.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0)
        missing = end + 4 + length - text.length
      } else missing -= chunk.length
      if (missing > 0) return
      if (!text.startsWith('HTTP/1.1 200')) state.failures++
      if (state.isMeasuring) state.latencies.push(performance.now() - sentAt)
      if (state.isOver) socket.end()
      else send()
    })
  })
}

/** User and system time of a process and its threads since it began, from /proc; ticks are 10 ms. */
export function cpuMicroseconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
