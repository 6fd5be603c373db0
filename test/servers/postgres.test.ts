import { afterAll, beforeAll, expect } from 'vitest'
import { type PostgresServer, startPostgres, testWithPostgres as test } from './postgres.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove())

test('a server of the test keeps its data through a crash', async () => {
  await server.execute('CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)')
  await server.stop('SIGQUIT')
  await expect(server.execute('SELECT 1')).rejects.toThrow('ECONNREFUSED')
  await server.start()
  await server.execute('SELECT 1 / n FROM kept')
  await expect(server.execute('SELECT 1 / (n - 1) FROM kept')).rejects.toThrow('division by zero')
})
