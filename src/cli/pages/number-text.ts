/**
 * A number for people: whole numbers as they are (grouped on a terminal only, so that a pipe gets
 * something to compute with), others to four significant digits.
 */
export function numberText(value: number, grouped: boolean): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isInteger(value)) return grouped ? value.toLocaleString('en-US') : String(value)
  return String(Number(value.toPrecision(4)))
}
