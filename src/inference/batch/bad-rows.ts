import { FtiError } from '../../base/index.ts'
import type { Signature } from '../../contract/index.ts'
import type { Instance } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'
import { compileInstanceCheck, type InstanceCheck } from '../http/instance-check.ts'

interface BadRow {
  readonly row: number
  readonly column: string
  readonly rule: string
  readonly message: string
}

const shownRows = 10

/** Checks rows as requests are checked, and collects what is wrong with them: the first ten by name, the others by number. */
export class BadRows {
  private readonly path: string
  private readonly check: InstanceCheck
  private readonly shown: BadRow[] = []
  private count = 0

  constructor(path: string, signature: Signature) {
    this.path = path
    this.check = compileInstanceCheck(signature)
  }

  /** False once any row was bad. */
  areGood(instances: readonly Instance[], firstRow: number): boolean {
    instances.forEach((instance, i) => {
      const refusal = this.check(instance)
      if (refusal === undefined) return
      this.count++
      const { path, rule, message } = refusal
      if (this.shown.length >= shownRows) return
      this.shown.push({ row: firstRow + i, column: path.replace(/^\./, ''), rule, message })
    })
    return this.count === 0
  }

  /** Errors: FTI_INPUT_INVALID. Its text names rows, columns and rules, and repeats no value. */
  throwIfAny(): void {
    const [first] = this.shown
    if (first === undefined) return
    const line = ({ row, column, message }: BadRow) => `row ${row}: ${column} ${message}`
    throw new FtiError(inferenceErrors.FTI_INPUT_INVALID, {
      message: `${this.count} ${this.count === 1 ? 'row does' : 'rows do'} not fit the model; ${line(first)}`,
      place: `${this.path}, row ${first.row}`,
      remedy: 'correct the rows (the header does not count) and run the same command again; nothing was written',
      detail: this.count === 1 ? undefined : this.shown.map(line).join('\n'),
      data: { count: this.count, rows: this.shown },
    })
  }
}
