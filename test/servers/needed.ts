/**
 * Whether to run tests of a program that this machine may lack; says so where they are skipped. A gate that sees nothing must
 * not pass: in CI they run, and fail for want of it.
 */
export function isNeeded(program: string, isHere: boolean): boolean {
  if (isHere || process.env['CI']) return true
  process.stderr.write(`${program} is not installed here: its tests are skipped\n`)
  return false
}
