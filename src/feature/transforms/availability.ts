import type { FeatureGroup } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'

/** When a row's values were known, as its owner declares it: an expression over the row; null in static groups. */
export function declaredAvailability(group: Pick<FeatureGroup, 'availability' | 'eventTime'>): string {
  if (group.availability?.kind === 'column') return quoteName(group.availability.column)
  if (group.availability?.kind === 'after' && group.eventTime !== undefined)
    return `${quoteName(group.eventTime)} + to_milliseconds(${group.availability.lagMs})`
  return `CAST(NULL AS TIMESTAMPTZ)`
}
