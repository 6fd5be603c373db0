import { randomBytes } from 'node:crypto'

/** A unique id that sorts by time: `20261121t101500123-9f3a2c7d1b`. Safe as a file name. */
export function newId(now: Date = new Date()): string {
  const stamp = now
    .toISOString()
    .replace(/[-:.Z]/g, '')
    .toLowerCase()
  return `${stamp}-${randomBytes(5).toString('hex')}`
}
