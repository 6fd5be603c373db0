import fs, { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Loaded into the program before its own code (`node --import`). Just before each call that changes the disk it writes the
// path to descriptor 3, so that whoever started the program knows where it is and can kill it there. Before the first call that
// FTI_FREEZE_BEFORE matches it freezes, until somebody sends SIGCONT.
let freezeBefore = process.env['FTI_FREEZE_BEFORE']
if (isMainThread && process.argv[1]?.endsWith('run.js')) tellCalls()

type Methods = Record<string, (...args: unknown[]) => unknown>

function tellCalls(): void {
  const paths = new WeakMap<object, string>()
  const functions = fs.promises as unknown as Methods
  for (const name of ['link', 'mkdir', 'mkdtemp', 'rename', 'rm', 'writeFile']) wrap(functions, name, (_, path) => path)
  let seen = false
  const open = functions['open']
  if (!open) throw new Error('there is no open to follow')
  functions['open'] = async (...args) => {
    const handle = (await open(...args)) as fs.promises.FileHandle
    paths.set(handle, String(args[0]))
    if (!seen) {
      const methods = Object.getPrototypeOf(handle) as Methods
      for (const name of ['sync', 'writeFile']) wrap(methods, name, (self) => paths.get(self))
    }
    seen = true
    return handle
  }
  syncBuiltinESMExports()
}

function wrap(target: Methods, name: string, pathOf: (self: object, first: unknown) => unknown): void {
  const original = target[name]
  if (!original) throw new Error(`there is no ${name} to follow`)
  target[name] = function (this: object, ...args) {
    const what = `${name} ${String(pathOf(this, args[0]))}`
    writeSync(3, `${what}\n`)
    if (freezeBefore && new RegExp(freezeBefore).test(what)) {
      freezeBefore = undefined
      process.kill(process.pid, 'SIGSTOP')
    }
    return original.apply(this, args)
  }
}
