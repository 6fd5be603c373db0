import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

type Reply = (request: IncomingMessage, response: ServerResponse, url: URL) => void

/** A real web server on a loopback port, for one test. */
export interface WebServer {
  readonly origin: string
  /** Path and parameters of every request so far. */
  readonly requests: readonly string[]
  stop(): Promise<void>
}

export async function startWebServer(reply: Reply): Promise<WebServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    requests.push(url.pathname + url.search)
    reply(request, response, url)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(stop)
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop }
}

/** Answers with a document. */
export function sendJson(response: ServerResponse, document: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document))
}
