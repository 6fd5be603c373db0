import { expect, test } from 'vitest'
import { shownLocation } from '../../src/contract/index.ts'
import { loadProject } from '../../src/project/index.ts'
import { edited, failure, load, projectFile, reference } from './project-folder.ts'

const group = 'featureGroups.airport_departures'
const feature = `${group}.features.delay_mean_1h`
const staticLine = '    static: true                                     #'
const availableLine = /\n {4}availableAt: departed_at {5}.*/

/** What is done to the reference project; code and place of the error; its message and remedy. */
type Case = readonly [
  piece: string | RegExp,
  replacement: string,
  code: string,
  place: string,
  message: string | RegExp,
  remedy: string | RegExp,
]

// biome-ignore format: one case a line
const shapes: Record<string, Case> = {
  'an unknown key': ['store: store', 'stoer: store', 'KEY_UNKNOWN', '3:1', "unknown key 'stoer' at the top level", "did you mean 'store'?"],
  'a misspelt key, once': ['    entity: airport\n', '    entitty: airport\n', 'KEY_UNKNOWN', '21:5', `unknown key 'entitty' in ${group}`, "did you mean 'entity'?"],
  'a missing key, at its parent': ['    entity: airport\n', '', 'KEY_MISSING', '18:3', `${group} has no 'entity'`, /^add 'entity' here: a name/],
  'a duplicate key': [/$/, 'project: again\n', 'SYNTAX', '86:1', "duplicate key 'project', already on line 2", 'keep one of the two'],
  'a number for a duration': ['maxAge: 6h', 'maxAge: 6', 'TYPE', '32:13', /maxAge must be a duration.*, not 6$/, 'write a unit: 6m or 6h'],
  'a list for a duration': ['maxAge: 6h', 'maxAge: [6h]', 'TYPE', '32:13', /, not a list of 1$/, /^write a duration/],
  'a duration of an unknown unit': ['maxAge: 6h', 'maxAge: 6y', 'VALUE', '32:13', /, not 6y$/, /30d$/],
  'a word for a boolean': ['static: true', 'static: "yes"', 'TYPE', '38:13', 'featureGroups.aircraft.static must be true or false, not "yes"', 'write true or false'],
  'a quoted number': ['port: 8080', 'port: "8080"', 'TYPE', '84:11', /not "8080"$/, 'remove the quotes'],
  'a port out of range': ['port: 8080', 'port: 80801', 'VALUE', '84:11', /whole number from 0 to 65535, not 80801$/, /^write/],
  'a word that is not among the choices': ['onInvalid: quarantine', 'onInvalid: quarantin', 'VALUE', '31:16', /must be one of fail, quarantine, warn/, "did you mean 'quarantine'?"],
  'a type by its name elsewhere': ['{ type: float64, unit', '{ type: double, unit', 'VALUE', '26:30', `${feature}.type must be a type: string, boolean, int32, int64, float32, float64, timestamp, date, not double`, 'write float64'],
  'a short type': ['{ type: boolean }', 'bool', 'VALUE', '52:23', /must be a type, or a mapping/, 'write boolean'],
  'half a range': ['[-60, 1500]', '[1500]', 'TYPE', '26:57', /must be a list of the smallest and the largest value/, /^write a list/],
  'a text in a range': ['[-60, 1500]', '[1500, x]', 'TYPE', '26:64', `${feature}.range[1] must be a number or null, not x`, 'write a number or null'],
  'an empty section': [/expect:\n.*\n.*\n/, 'expect:\n', 'TYPE', '28:12', `${group}.expect must be a mapping, not empty`, 'write a value, or remove the key'],
  'an unsafe name': ['  aircraft: { key', '  Air-Craft: { key', 'NAME', '14:3', /^'Air-Craft' in entities must be a name of lower-case letters/, 'rename it here and wherever it is used'],
  'a name with a path': ['project: flights', 'project: ../flights', 'VALUE', '2:10', /^project must be a name/, /^write a name/],
  'a key that reaches a prototype': [/$/, '__proto__: { x: 1 }\n', 'NAME', '86:1', "'__proto__' may not be a key", 'choose another name'],
  'a column called like a method': ['{ seats: {', '{ toString: {', 'NAME', '40:17', "'toString' may not be a key", 'choose another name'],
  'a merge key': ['  aircraft: { key', '  <<: { key', 'KEY_UNKNOWN', '14:3', 'merge keys (<<) are not supported', /overlay/],
  'a key that is a list': ['origin: string', '? [a, b] : string', 'TYPE', '13:24', 'a key must be plain text', 'write name: value'],
  'a tab': ['    owner: data-team', '\towner: data-team', 'SYNTAX', '20:1', 'not valid YAML: tabs are not allowed as indentation', 'indent with spaces'],
  'a colon in a text': ['owner: data-team', 'owner: data: team', 'SYNTAX', '20:12', /^not valid YAML/, /quotes$/],
  'a custom tag': ['owner: data-team', 'owner: !!js/function data', 'SYNTAX', '20:12', /unresolved tag/, /^remove the tag/],
  'an open bracket': ['nulls: [NA]', 'nulls: [NA', 'SYNTAX', '9:91', /^not valid YAML/, /./],
  'two documents': [/$/, '---\na: 1\n', 'SYNTAX', '86:1', 'not valid YAML: source contains multiple documents', /one document$/],
}

// biome-ignore format: one case a line
const meanings: Record<string, Case> = {
  'an unknown entity': ['entity: airport\n', 'entity: airprt\n', 'REFERENCE', '21:13', "there is no entity 'airprt'", "did you mean 'airport'?"],
  'an unknown group in a view': ['{ group: aircraft,', '{ group: aircrafts,', 'REFERENCE', '63:18', "there is no feature group 'aircrafts'", "did you mean 'aircraft'?"],
  'an unknown feature in a view': ['pick: [seats]', 'pick: [seat]', 'REFERENCE', '63:35', "there is no feature in aircraft called 'seat'", "did you mean 'seats'?"],
  'an unknown key column in on:': ['pick: [seats]', 'pick: [seats], on: { tail: x }', 'REFERENCE', '63:49', "there is no key column of aircraft called 'tail'", "did you mean 'tailnum'?"],
  'an unknown label group': ['group: departure_outcomes,', 'group: outcomes,', 'REFERENCE', '60:21', "there is no feature group 'outcomes'", /^known: airport_departures/],
  'an unknown label': ['feature: late,', 'feature: laet,', 'REFERENCE', '60:50', "there is no feature in departure_outcomes called 'laet'", "did you mean 'late'?"],
  'an unknown slice': ['slice: origin', 'slice: orign', 'REFERENCE', '76:31', /called 'orign'$/, "did you mean 'origin'?"],
  'an unknown metric': ['auc, min: 0.72', 'aucc, min: 0.72', 'REFERENCE', '74:19', "there is no binary metric 'aucc'", "did you mean 'auc'?"],
  'a transform of an unknown column': ['carrier: oneHot', 'carier: oneHot', 'REFERENCE', '69:19', /called 'carier'$/, "did you mean 'carrier'?"],
  'an unknown on-demand input': ['inputs: [scheduled_at]', 'inputs: [scheduled]', 'REFERENCE', '68:56', "there is no request column 'scheduled'", "did you mean 'scheduled_at'?"],
  'an unknown model of a service': ['model: late_departure', 'model: late_departur', 'REFERENCE', '82:12', "there is no model 'late_departur'", "did you mean 'late_departure'?"],
  'a source called like a group': ['  planes:  {', '  aircraft:  {', 'NAME', '36:3', "'aircraft' is a source and a feature group", /^rename/],
  'a group called like a history': ['  planes:  {', '  flights__history:  {', 'NAME', '10:3', /ends with __history/, 'choose another name'],
  'a feature called like a key column': ['{ seats: {', '{ tailnum: {', 'NAME', '40:17', "'tailnum' is a key column of aircraft and a feature of aircraft", /another name/],
  'two features that differ in case': ['built: {', 'Seats: {', 'NAME', '40:41', /another feature/, /another name/],
  'a feature called like the event time': ['{ late: {', '{ scheduled_at: {', 'NAME', '52:17', /is the event time/, /another name/],
  'a column picked twice': ['pick: [seats]', 'pick: [seats, seats]', 'NAME', '63:42', "the column 'seats' is picked twice", /as: <prefix>/],
  'a request column called like a feature': ['      carrier: string', '      seats: string', 'NAME', '65:7', "the column 'seats' is a feature of aircraft and a request column", 'rename one of the two'],
  'an output called like the prediction time': ['weekday: int32', 'predict_at: int32', 'NAME', '68:97', /is the prediction time/, 'rename one of the two'],
  'a range that ends before it begins': ['[-60, 1500]', '[1500, -60]', 'VALUE', '26:57', 'the range begins at 1500 and ends before it, at -60', 'write [-60, 1500]'],
  'a range of texts': ['dest: { type: string }', 'dest: { type: string, range: [0, 1] }', 'CONFLICT', '45:65', 'a range is for numbers; this has type string', /oneOf/],
  'an allowed value of another type': ['seats: { type: int32 }', 'seats: { type: int32, oneOf: [1, 2.5] }', 'TYPE', '40:50', '2.5 is not of type int32', /type int32/],
  'a pattern for a number': ['seats: { type: int32 }', 'seats: { type: int32, pattern: a }', 'CONFLICT', '40:39', 'a pattern is for strings; this has type int32', 'remove pattern'],
  'a pattern that is open': ['dest: { type: string }', 'dest: { type: string, pattern: "(a" }', 'VALUE', '45:74', /not a regular expression/, /RE2/],
  'a pattern that RE2 does not know': ['dest: { type: string }', 'dest: { type: string, pattern: "a(?=b)" }', 'VALUE', '45:74', /look-ahead/, /RE2/],
  'a rename from a feature that is still there': ['built: { type: int32 }', 'built: { type: int32, renamedFrom: seats }', 'CONFLICT', '40:76', /still a feature$/, /^remove renamedFrom/],
  'a key of floating point': ['{ tailnum: string }', '{ tailnum: float64 }', 'VALUE', '14:31', /cannot be a key$/, 'use int64 or string'],
  'an event time in a static group': [staticLine, '    static: true\n    eventTime: x #', 'CONFLICT', '39:5', 'aircraft is static, so it has no eventTime', /static: true$/],
  'no event time': ['    eventTime: departed_at\n', '', 'KEY_MISSING', '18:3', "airport_departures has no 'eventTime'", /static: true/],
  'no availability': [availableLine, '', 'KEY_MISSING', '18:3', 'airport_departures does not say when its values are known', /no silent default/],
  'two availabilities': ['    maxAge: 6h', '    availableAfter: 1h\n    maxAge: 6h', 'CONFLICT', '32:5', /has both/, /^keep one/],
  'a freshness that warns after its error': ['warn: 2h', 'warn: 8h', 'VALUE', '33:24', /later than its error/, /shorter/],
  'a schedule at 25 o’clock': ['"0 3 * * *"', '"0 25 * * *"', 'VALUE', '78:15', "'25' is no hour: it goes from 0 to 23", /^write five fields/],
  'a transform that does not suit its column': ['carrier: oneHot', 'carrier: log', 'TYPE', '69:28', 'log does not suit carrier, which has type string', 'use oneHot or vocabulary'],
  'a positive value of another type': ['positive: true', 'positive: yes', 'TYPE', '60:66', '"yes" is not of type boolean, which late has', /boolean$/],
  'a gate without a condition': ['auc, min: 0.72', 'auc', 'KEY_MISSING', '74:9', 'the gate on auc has no condition', /min:/],
  'layers in a linear network': ['type: mlp', 'type: linear', 'CONFLICT', '70:30', 'a linear network has no layers', /type: mlp/],
  'a test part without length': ['test: 60d', 'test: 0d', 'VALUE', '72:30', 'the test part has no length', /30d/],
  'a csv key for parquet': ['{ type: parquet,', '{ type: parquet, nulls: [NA],', 'CONFLICT', '8:29', "'nulls' is for csv; flights is parquet", 'remove nulls'],
  'an unknown time zone': ['America/New_York', 'America/NewYork', 'VALUE', '9:75', "there is no time zone 'America/NewYork'", /IANA/],
}

// biome-ignore format: one case a line
const later: Record<string, Case> = {
  traffic: ['    port: 8080', '    traffic: { by: aircraft }', 'UNSUPPORTED', '84:5', /traffic is not supported yet/, /^remove it/],
  shadow: ['    port: 8080', '    shadow: [candidate]', 'UNSUPPORTED', '84:5', /shadow is not supported yet/, /^remove it/],
  drift: ['olderThan: 30d', 'olderThan: 30d, drift: { psi: 0.25 }', 'UNSUPPORTED', '77:48', /drift is not supported yet/, /newRows or olderThan/],
  partitionBy: ['    maxAge: 6h', '    partitionBy: day', 'UNSUPPORTED', '32:5', /partitionBy is not supported yet/, /without partitions/],
  trees: ['type: mlp', 'type: trees', 'UNSUPPORTED', '70:22', /trees is not supported yet/, 'use mlp or linear'],
  'a network from a module': ['type: mlp', 'type: mlp, module: models/late.ts', 'UNSUPPORTED', '70:27', /module is not supported yet/, /mlp/],
  multiclass: ['task: binary', 'task: multiclass', 'UNSUPPORTED', '57:11', /multiclass is not supported yet/, 'use binary or regression'],
  'a split by group': ['by: time', 'by: group', 'UNSUPPORTED', '72:18', /group is not supported yet/, 'use by: time'],
  dynamodb: ['online: .fti/online', 'online: dynamodb://host', 'UNSUPPORTED', '5:9', /dynamodb:\/\/ is not supported yet/, /redis:\/\/ or postgres:\/\//],
  'an address for a path': ['path: data/planes.csv', 'path: https://example.com/planes.csv', 'VALUE', '10:31', /not an address/, /^write type: http/],
}

for (const [kind, table] of Object.entries({ shapes, meanings, later })) {
  test.each(Object.entries(table))(`${kind}: %s`, async (_what, [piece, replacement, code, place, message, remedy]) => {
    const error = await failure(load(edited(piece, replacement)))
    expect({ code: error.code, place: error.place }).toEqual({ code: `FTI_PROJECT_${code}`, place })
    expect(error.message).toMatch(message)
    expect(error.remedy).toMatch(remedy)
    expect(error.detail).toMatch(/^\d+ \| .*\n *\^/)
  })
}

test('the caret stands under the column', async () => {
  const { detail } = await failure(load(edited('seats: { type: int32 }', 'seats: { type: int23 }')))
  const [line = '', caret = ''] = detail.split('\n')
  expect(line.slice(caret.indexOf('^'))).toMatch(/^int23/)
})

test('several problems are reported at once, in the order of the file', async () => {
  const text = reference
    .replace('store: store', 'stoer: store')
    .replace('maxAge: 6h', 'maxAge: 6')
    .replace('task: binary', 'task: bin')
  const { message, problems, detail } = await failure(load(text))
  expect(message).toBe("unknown key 'stoer' at the top level")
  expect(problems.map(({ line, column }) => [line, column])).toEqual([
    [3, 1],
    [32, 13],
    [57, 11],
  ])
  expect(detail).toContain(
    'fti.config.yaml:57:11: models.late_departure.task must be one of binary, regression, not bin',
  )
})

test('a variable that is not set is placed where it stands', async () => {
  const error = await failure(load(edited('store: store', `store: /data/\${env:STORE_DIR}/x`)))
  expect(error).toMatchObject({
    code: 'FTI_PROJECT_ENV',
    place: '3:14',
    message: 'the environment variable STORE_DIR is not set',
  })
})

test('a variable in another tool’s spelling is not taken for text', async () => {
  const error = await failure(load(edited('store: store', `store: \${STORE_DIR}`)))
  expect([error.code, error.remedy]).toEqual(['FTI_PROJECT_ENV', `write \${env:NAME}`])
})

test('an unquoted variable inside braces is told to take quotes', async () => {
  const error = await failure(load(edited('path: data/flights.parquet', `path: \${env:X}`)))
  expect([error.code, error.remedy]).toEqual(['FTI_PROJECT_SYNTAX', `put the value in quotes: "\${env:NAME}"`])
})

test('a value from the environment is never shown', async () => {
  const error = await failure(load(edited('port: 8080', `port: \${env:PORT}`), { env: { PORT: 'hunter2' } }))
  expect(error.message).toMatch(/not \$\{env:PORT\}$/)
  expect(JSON.stringify(error)).not.toContain('hunter2')
})

test.each([
  ['a password in a URL', 'online: .fti/online', 'online: redis://me:hunter2@host:6379'],
  ['a token in a URL', 'path: data/planes.csv', 'path: "https://x.org/planes.csv?token=hunter2"'],
  [
    'a password under a key of its own',
    '{ type: csv, path: data/planes.csv',
    '{ password: hunter2, type: csv, path: data/planes.csv',
  ],
  ['an access key', 'owner: data-team', 'owner: AKIAhunter2'.replace('hunter2', 'ABCDEFGHIJKLMNOP')],
])('%s is refused, and not repeated', async (_what, piece, replacement) => {
  const error = await failure(load(edited(piece, replacement)))
  expect(error.code).toBe('FTI_PROJECT_SECRET')
  expect(error.remedy).toContain('environment variable')
  expect(JSON.stringify(error)).not.toMatch(/hunter2|ABCDEFGH/)
})

test('a password from the environment is no secret in the file', async () => {
  const project = await load(edited('online: .fti/online', `online: redis://me:\${env:PASSWORD}@host`), {
    env: { PASSWORD: 'hunter2' },
  })
  expect(project.online).toMatchObject({ kind: 'redis', url: 'redis://me:hunter2@host' })
  expect(shownLocation(project.online)).toBe('redis://host')
})

const letters = 'abcdefghi'.split('')
const bomb = letters
  .map((name, i) => `${name}: &${name} [${Array(9).fill(i === 0 ? 'x' : `*${letters[i - 1]}`)}]`)
  .join('\n')
test.each([
  ['aliases that multiply', bomb, /more than 100000 values/],
  ['an alias inside itself', 'project: &a [*a]\n', /nested more than 64 deep/],
  ['an alias without an anchor', 'project: *a\n', /without an anchor/],
  ['many aliases', `a: &a 1\nb: [${Array(101_000).fill('*a')}]\n`, /more than 100000 values/],
  ['brackets without end', '['.repeat(20_000), /nested too deeply/],
  ['a file over 1 MiB', `#${'x'.repeat(1 << 20)}`, /1048577 bytes/],
  ['bytes that are not text', new Uint8Array([0x70, 0xff, 0xfe]), /not UTF-8/],
])('%s are refused quickly', async (_what, text, message) => {
  const error = await failure(loadProject({ file: projectFile(text), env: {} }))
  expect(error.code).toBe('FTI_PROJECT_SYNTAX')
  expect(error.message).toMatch(message)
})

test.each([
  ['', 'FTI_PROJECT_KEY_MISSING'],
  ['# only a comment\n', 'FTI_PROJECT_KEY_MISSING'],
  ['hello', 'FTI_PROJECT_TYPE'],
  ['- a\n', 'FTI_PROJECT_TYPE'],
  ['null', 'FTI_PROJECT_TYPE'],
])('a file with %j is refused', async (text, code) => {
  expect((await failure(load(text))).code).toBe(code)
})

test('a byte-order mark and Windows line ends do not move a place', async () => {
  const text = `\ufeff${edited('store: store', 'stoer: store').replaceAll('\n', '\r\n')}`
  expect((await failure(load(text))).place).toBe('3:1')
})

test('control characters in the file do not reach the terminal', async () => {
  const { detail } = await failure(load(edited('store: store', 'stoer: "\u001b]52;c;aGk=\u0007"')))
  expect(detail).toContain('stoer: "?]52;c;aGk=?"')
})

test('a megabyte of text that looks like the beginning of a secret is searched quickly', async () => {
  const started = performance.now()
  await failure(load(edited('owner: data-team', `ownr: ${'a'.repeat(500_000)}${'://'.repeat(50_000)}`)))
  expect(performance.now() - started).toBeLessThan(3000)
})

test('columns called like secrets are no secrets', async () => {
  const project = await load(edited('      carrier: string', '      carrier: string\n      token: string'))
  expect(project.models.get('late_departure')?.request[1]).toEqual({ name: 'token', type: 'string' })
})
