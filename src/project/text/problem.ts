import { FtiError } from '../../base/index.ts'
import { type ProjectErrorCode, projectErrors } from '../errors.ts'
import { excerptOf, placeOf, positionOf, type Spot, shownPath } from './project-text.ts'

/** One thing that is wrong with a project file. */
export interface Problem {
  readonly code: ProjectErrorCode
  readonly message: string
  readonly remedy: string
  readonly spot: Spot
}

const mostShown = 20

/** All problems as one error: the first in the file is its message, the others are its detail; `data.problems` has them all. */
export function projectError(problems: readonly Problem[], cause?: unknown): FtiError {
  const sorted = [...problems].sort((a, b) => compareSpots(a.spot, b.spot))
  const [first, ...rest] = sorted
  if (!first) throw new RangeError('an error needs a problem')
  const more = rest
    .slice(0, mostShown - 1)
    .map((p) => `${placeOf(p.spot)}: ${p.message}\n${excerptOf(p.spot)}\n  ${p.remedy}`)
  if (rest.length > more.length) more.push(`and ${rest.length - more.length} more`)
  return new FtiError(projectErrors[first.code], {
    message: first.message,
    place: placeOf(first.spot),
    remedy: first.remedy,
    detail: [excerptOf(first.spot), ...more].join('\n\n') || undefined,
    data: { problems: sorted.map(describe) },
    cause,
  })
}

/** One problem with the file as a whole, thrown because nothing after it can be read. */
export function syntaxError(spot: Spot, what: string, remedy: string, cause?: unknown): FtiError {
  const message = `${shownPath(spot.source.file)} ${what}`
  return projectError([{ code: 'FTI_PROJECT_SYNTAX', message, remedy, spot }], cause)
}

function describe({ code, message, remedy, spot }: Problem): Record<string, unknown> {
  return {
    code,
    message,
    remedy,
    file: spot.source.file,
    ...positionOf(spot),
    place: placeOf(spot),
    excerpt: excerptOf(spot),
  }
}

function compareSpots(a: Spot, b: Spot): number {
  if (a.source === b.source) return a.offset - b.offset
  return a.source.file < b.source.file ? -1 : 1
}
