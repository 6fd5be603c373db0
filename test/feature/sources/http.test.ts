import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sendJson, startWebServer, type WebServer } from '../../servers/web.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const rows = [
  { origin: 'JFK', at: '2013-01-01T05:00:00Z', delay: 2.5 },
  { origin: 'EWR', at: '2013-01-01T05:00:00Z', delay: -4 },
  { origin: 'JFK', at: '2013-01-01T06:00:00Z', delay: 10 },
]

/** Retries wait a millisecond. */
const fast = { times: 3, backoff: '1ms' }

function projectOn(server: WebServer, flights: object = {}, env: NodeJS.ProcessEnv = {}): TemporaryProject {
  const source = { type: 'http', url: `${server.origin}/flights`, path: undefined, retry: fast, ...flights }
  return new TemporaryProject({ flights: source, files: { 'data/flights.csv': undefined }, env })
}

async function delays(project: TemporaryProject) {
  const report = await project.runDelays()
  expect(report.error).toBeUndefined()
  const stored = await project.stored<{ origin: string; delay: number }>()
  return stored.map(({ origin, delay }) => [origin, delay]).sort()
}

const all = [
  ['EWR', -4],
  ['JFK', 10],
  ['JFK', 2.5],
]

test.each([
  ['a JSON list', 'json', JSON.stringify(rows)],
  ['NDJSON', 'ndjson', rows.map((row) => JSON.stringify(row)).join('\n')],
  ['CSV', 'csv', flightsCsv],
  ['a gzip file of CSV', 'csv', gzipSync(flightsCsv)],
])('%s is read as it comes', async (_what, format, body) => {
  const server = await startWebServer((_request, response) => response.end(body))
  expect(await delays(projectOn(server, { format }))).toEqual(all)
})

test('an answer that is compressed on its way is read', async () => {
  const server = await startWebServer((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(flightsCsv)),
  )
  expect(await delays(projectOn(server, { format: 'csv' }))).toEqual(all)
})

test('pages are followed by the next link in the answer, also one without its server', async () => {
  const server = await startWebServer((_request, response, url) => {
    const page = Number(url.searchParams.get('page') ?? 0)
    sendJson(response, {
      data: { items: [rows[page]] },
      links: { next: page < 2 ? `/flights?page=${page + 1}` : null },
    })
  })
  const project = projectOn(server, { records: 'data.items', paging: { next: 'links.next' } })
  expect(await delays(project)).toEqual(all)
  expect(server.requests).toEqual(['/flights', '/flights?page=1', '/flights?page=2'])
})

test('pages are followed by the Link header', async () => {
  const server = await startWebServer((_request, response, url) => {
    const page = Number(url.searchParams.get('page') ?? 0)
    const link = `<${server.origin}/flights>; rel="first", <${server.origin}/flights?page=${page + 1}>; rel="last next"`
    sendJson(response, [rows[page]], page < 2 ? { link } : {})
  })
  expect(await delays(projectOn(server, { paging: { linkHeader: true } }))).toEqual(all)
})

test('pages are followed by a cursor, and other parameters stay', async () => {
  const server = await startWebServer((_request, response, url) => {
    const page = Number(url.searchParams.get('after') ?? 0)
    sendJson(response, { rows: [rows[page]], cursor: page < 2 ? page + 1 : '' })
  })
  const project = projectOn(server, {
    url: `${server.origin}/flights?limit=1`,
    records: 'rows',
    paging: { cursor: 'cursor', parameter: 'after' },
  })
  expect(await delays(project)).toEqual(all)
  expect(server.requests.at(-1)).toBe('/flights?limit=1&after=2')
})

test.each(['json', 'ndjson', 'csv'])('pages of %s are counted up to one without rows', async (format) => {
  const [header, ...lines] = flightsCsv.split('\n').slice(0, 4)
  const server = await startWebServer((_request, response, url) => {
    const page = Number(url.searchParams.get('page'))
    const row = rows[page - 1]
    if (format === 'json') sendJson(response, row ? [row] : [])
    else if (format === 'ndjson') response.end(row ? JSON.stringify(row) : '')
    else response.end(`${header}\n${row ? `${lines[page - 1]}\n` : ''}`)
  })
  expect(await delays(projectOn(server, { format, paging: { page: 'page' } }))).toEqual(all)
  expect(server.requests).toHaveLength(4)
})

test('integers beyond 2^53, quotes, line breaks, emoji and zero bytes come through pages unharmed', async () => {
  const note = 'a "b"\n\\, 😀 \u0000 c'
  const server = await startWebServer((_request, response) =>
    response.end(`{"items":[{"origin":"JFK","big":9007199254740993,"note":${JSON.stringify(note)}}]}`),
  )
  const project = new TemporaryProject({
    flights: { type: 'http', url: server.origin, path: undefined, records: 'items' },
    delays: {
      static: true,
      eventTime: undefined,
      availableAt: undefined,
      features: { big: 'int64', note: 'string' },
    },
    files: { 'features/delays.sql': 'SELECT origin, big, note FROM flights' },
  })
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ origin: 'JFK', big: '9007199254740993', note }])
})

test('a busy server is asked again when it says so, a failing one later and later', async () => {
  let asked = 0
  const server = await startWebServer((request, response) => {
    asked++
    if (asked === 1) response.writeHead(429, { 'retry-after': '0' }).end('slow down')
    else if (asked === 2) response.writeHead(500).end()
    else if (asked === 3) {
      // Half of an answer, then nothing.
      response.writeHead(200, { 'content-length': '1000' }).write('[{"origin":')
      setTimeout(() => request.socket.destroy(), 10)
    } else sendJson(response, rows)
  })
  expect(await delays(projectOn(server))).toEqual(all)
  expect(asked).toBe(4)
})

test('what goes on failing is an error of the source, with the place and no secret', async () => {
  const server = await startWebServer((request, response) =>
    response.writeHead(503).end(`no, ${request.headers.authorization}`),
  )
  const headers = { Authorization: `Bearer \${env:TOKEN}` }
  const project = projectOn(server, { headers, url: `${server.origin}/flights?key=x` }, { TOKEN: 'geheim-123' })
  const { error, status } = await project.runDelays()
  expect(status).toBe('failed')
  expect(error).toMatchObject({ code: 'FTI_SOURCE_UNREACHABLE', exit: 6, place: `${server.origin}/flights` })
  expect(error?.message).toBe(`source 'flights' answered 503 Service Unavailable, 4 times`)
  expect(JSON.stringify(error)).not.toContain('geheim')
})

test('a wait that is too long is not waited for', async () => {
  const server = await startWebServer((_request, response) => response.writeHead(429, { 'retry-after': '7200' }).end())
  const { error } = await projectOn(server).runDelays()
  expect(error).toMatchObject({ code: 'FTI_SOURCE_UNREACHABLE', remedy: 'run it again in 2h, as the server asks' })
  expect(server.requests).toHaveLength(1)
})

test.each([
  [401, 'FTI_SOURCE_DENIED', 6],
  [404, 'FTI_SOURCE_MISSING', 6],
  [400, 'FTI_SOURCE_UNREACHABLE', 6],
])('%i is not asked again', async (status, code, exit) => {
  const server = await startWebServer((_request, response) => response.writeHead(status).end())
  expect((await projectOn(server).runDelays()).error).toMatchObject({ code, exit })
  expect(server.requests).toHaveLength(1)
})

test('a server that is not there or says nothing cannot be reached', async () => {
  const server = await startWebServer(() => {})
  const silent = await projectOn(server, { timeout: '20ms', retry: { times: 0 } }).runDelays()
  expect(silent.error?.message).toBe(`source 'flights' says nothing: no byte for 20ms`)
  await server.stop()
  const gone = await projectOn(server, { retry: { times: 0 } }).runDelays()
  expect(gone.error).toMatchObject({ code: 'FTI_SOURCE_UNREACHABLE', exit: 6 })
  expect(gone.error?.message).toContain('refuses the connection')
})

test('an unchanged answer is nothing to do, and its bytes are not sent again', async () => {
  let sent = 0
  const server = await startWebServer((request, response) => {
    if (request.headers['if-none-match'] === '"v1"') return void response.writeHead(304).end()
    sent++
    sendJson(response, rows, { etag: '"v1"' })
  })
  const project = projectOn(server)
  expect((await project.runDelays()).status).toBe('committed')
  expect((await project.runDelays()).status).toBe('nothing to do')
  expect(sent).toBe(1)
  // Another transform needs the rows after all.
  project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE + 1 AS delay FROM flights')
  expect((await project.runDelays()).status).toBe('committed')
  expect(sent).toBe(2)
})

test('an answer that is changed while its rows are wanted is an error, and nothing is committed', async () => {
  let version = 1
  const server = await startWebServer((request, response) => {
    if (request.headers['if-none-match'] === '"v1"') {
      version = 2
      return void response.writeHead(304).end()
    }
    sendJson(response, rows.slice(version - 1), { etag: '"v1"' })
  })
  const project = projectOn(server)
  await project.runDelays()
  project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE + 1 AS delay FROM flights')
  expect((await project.runDelays()).error).toMatchObject({ code: 'FTI_SOURCE_CHANGED' })
  expect(await project.stored()).toHaveLength(3)
})

test.each([
  ['no JSON', '<html>', 'is not JSON'],
  ['half of it', '{"items": [{"a"', 'is not JSON'],
  ['another shape', '{"error": "x"}', `has no list of rows at 'items', but nothing`],
  ['an object where the list should be', '{"items": {}}', `has no list of rows at 'items', but object`],
])('%s in place of a page is an error of the source', async (_what, body, message) => {
  const server = await startWebServer((_request, response) => response.end(body))
  const { error } = await projectOn(server, { records: 'items' }).runDelays()
  expect(error).toMatchObject({ code: 'FTI_SOURCE_UNREADABLE', exit: 1, place: `${server.origin}/flights` })
  expect(error?.message).toContain(message)
})

test('no rows at all are an error, as with an empty file', async () => {
  const server = await startWebServer((_request, response) => sendJson(response, { items: [] }))
  expect((await projectOn(server, { records: 'items' }).runDelays()).error?.code).toBe('FTI_SOURCE_EMPTY')
})

test('pages that lead elsewhere or in a circle are refused, and the token stays at home', async () => {
  const stolen: unknown[] = []
  const other = await startWebServer((request, response) => {
    stolen.push(request.headers['x-api-key'])
    sendJson(response, { items: rows })
  })
  let next = other.origin
  const server = await startWebServer((_request, response) => sendJson(response, { items: rows, next }))
  const headers = { 'x-api-key': `\${env:TOKEN}` }
  const project = projectOn(server, { headers, records: 'items', paging: { next: 'next' } }, { TOKEN: 'geheim' })
  expect((await project.runDelays()).error?.message).toContain('leads to another server')
  next = '/flights'
  expect((await project.runDelays()).error?.message).toContain('lead back to one that was read')
  expect(stolen).toEqual([])
})

test('a redirection to another server is followed without the headers of the source', async () => {
  const seen: unknown[] = []
  const other = await startWebServer((request, response) => {
    seen.push(request.headers['x-api-key'])
    sendJson(response, rows)
  })
  const server = await startWebServer((_request, response) =>
    response.writeHead(302, { location: `${other.origin}/file` }).end(),
  )
  const headers = { 'x-api-key': `\${env:TOKEN}` }
  expect(await delays(projectOn(server, { headers }, { TOKEN: 'geheim' }))).toEqual(all)
  expect(seen).toEqual([undefined])
})

test('user and password of a URL go into a header, and into no error', async () => {
  const server = await startWebServer((request, response) => {
    const login = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    if (login === 'me:p@ss') sendJson(response, rows)
    else response.writeHead(401).end()
  })
  const url = server.origin.replace('//', `//me:\${env:PASSWORD}@`)
  expect(await delays(projectOn(server, { url }, { PASSWORD: 'p%40ss' }))).toEqual(all)
  const { error } = await projectOn(server, { url }, { PASSWORD: 'geheim' }).runDelays()
  expect(error?.code).toBe('FTI_SOURCE_DENIED')
  expect(JSON.stringify(error)).not.toMatch(/geheim|Z2VoZWlt/)
})

test('a run that is cancelled while it waits ends at once and leaves nothing behind', async () => {
  const cancel = new AbortController()
  let asked = 0
  const server = await startWebServer((_request, response) => {
    asked++
    response.writeHead(503, { 'retry-after': '60' }).end()
    setTimeout(() => cancel.abort(), 20)
  })
  const project = projectOn(server)
  await expect(project.runDelays({ signal: cancel.signal })).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
  expect(asked).toBe(1)
  expect(readdirSync(join(project.folder, '.fti/tmp'))).toEqual([])
})

test('two groups that read one source see one answer', async () => {
  const server = await startWebServer((_request, response) => sendJson(response, rows))
  const source = { flights: { type: 'http', url: server.origin, path: undefined } }
  const project = new TemporaryProject({
    ...source,
    groups: { latest: { entity: 'airport', static: true, transform: 'features/latest.sql', features: { n: 'int64' } } },
    files: { 'features/latest.sql': 'SELECT origin, count(*) AS n FROM flights GROUP BY origin' },
  })
  const reports = await project.run()
  expect(Object.values(reports).map(({ status }) => status)).toEqual(['committed', 'committed'])
  expect(server.requests).toHaveLength(1)
})

test('a source that cannot be reached stops its group alone, and leaves the last snapshot', async () => {
  let isBroken = false
  const server = await startWebServer((_request, response) =>
    isBroken ? void response.writeHead(500).end() : sendJson(response, rows),
  )
  const project = new TemporaryProject({
    sources: { remote: { type: 'http', url: server.origin, retry: fast } },
    groups: { remote_delays: { ...delaysOf('remote') } },
    files: { 'features/remote.sql': 'SELECT origin, "at", delay::DOUBLE AS delay FROM remote' },
  })
  await project.run()
  isBroken = true
  project.write('data/flights.csv', `${flightsCsv}LGA,2013-01-01T07:00:00Z,1\n`)
  const reports = await project.run()
  expect(reports['remote_delays']?.status).toBe('failed')
  expect(reports['delays']?.status).toBe('committed')
  expect(await project.stored('remote_delays')).toHaveLength(3)
})

function delaysOf(name: string) {
  return {
    entity: 'airport',
    transform: `features/${name}.sql`,
    eventTime: 'at',
    availableAt: 'at',
    features: { delay: 'float64' },
  }
}
