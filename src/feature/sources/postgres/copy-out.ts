import { writeSync } from 'node:fs'
import type { Client, Connection, Submittable } from 'pg'
import { storageError } from '../../../base/index.ts'

export interface Copied {
  readonly rows: number
  /** In bytes. */
  readonly longestRow: number
}

/**
 * Runs `COPY … TO STDOUT` and writes what comes to an open file. Bytes, never rows: no value becomes an object here.
 */
export function copyOut(client: Client, sql: string, file: number): Promise<Copied> {
  return new Promise((resolve, reject) => {
    const query = new CopyQuery(sql, file, (error) =>
      error === undefined ? resolve({ rows: query.rows, longestRow: query.longestRow }) : reject(error),
    )
    client.query(query)
  })
}

const bufferBytes = 2 ** 18

/** The client tells its running query each message of the server by calling these methods. */
class CopyQuery implements Submittable {
  readonly #sql: string
  readonly #file: number
  readonly #done: (error?: unknown) => void
  readonly #buffer = Buffer.alloc(bufferBytes)
  #filled = 0
  longestRow = 0
  rows = 0
  #problem: unknown

  constructor(sql: string, file: number, done: (error?: unknown) => void) {
    this.#sql = sql
    this.#file = file
    this.#done = done
  }

  submit(connection: Connection): void {
    connection.query(this.#sql)
  }

  /** Written before the next message is read, so nothing piles up when the disk is slower than the network. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }, connection: Connection): void {
    if (this.#problem !== undefined) return
    // The server sends one message a row.
    this.rows++
    this.longestRow = Math.max(this.longestRow, chunk.length)
    try {
      if (this.#filled + chunk.length > bufferBytes) this.#flush()
      if (chunk.length > bufferBytes) writeAll(this.#file, chunk)
      else this.#filled += chunk.copy(this.#buffer, this.#filled)
    } catch (error) {
      this.#problem = storageError(error, 'the folder for temporary files')
      connection.stream.destroy()
    }
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    try {
      this.#flush()
      this.#done()
    } catch (error) {
      this.#done(storageError(error, 'the folder for temporary files'))
    }
  }

  handleError(error: unknown): void {
    this.#done(this.#problem ?? error)
  }

  #flush(): void {
    writeAll(this.#file, this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
}
