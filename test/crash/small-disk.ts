import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, in memory, that can be filled up. */
export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Undefined, and said aloud, where this user may not mount one: there a gate that must see it fails. */
  static mount(what: string, mebibytes = 16): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'fti-disk-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'ignore' })
      return new SmallDisk(path)
    } catch (error) {
      rmdirSync(path)
      if (process.env['CI'] !== undefined && process.getuid?.() === 0) throw error
      process.stderr.write(`${what}: skipped, this user may not mount a tmpfs\n`)
      return undefined
    }
  }

  async freeKib(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path)
    return (bavail * bsize) / 1024
  }

  /** Does something while there is room for so many KiB only. */
  async holdingOnly<T>(kib: number, work: () => Promise<T>): Promise<T> {
    const ballast = join(this.path, 'ballast')
    await writeFile(ballast, Buffer.alloc(((await this.freeKib()) - kib) * 1024))
    try {
      return await work()
    } finally {
      await rm(ballast)
    }
  }

  unmount(): void {
    execFileSync('umount', [this.path])
    rmdirSync(this.path)
  }
}
