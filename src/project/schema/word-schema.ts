// Reached only by dynamic import, so that importing the room does not load zod.
import { z } from 'zod'
import { valueTypes } from '../../contract/index.ts'

/**
 * The rule of each kind of value, worded to follow "must be". Every schema of a project file carries its rule as
 * its zod message; `schema-problems.ts` builds the sentence around it.
 */
export const text = (rule = 'text') => z.string({ error: rule }).min(1, { error: rule })

const durationRule = 'a duration: a number with a unit, such as 30s, 15m, 6h or 30d'
export const duration = () =>
  z
    .string({ error: durationRule })
    .regex(/^\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h|d|w)$/, { error: durationRule })
    .meta({ title: 'duration' })

/** Sources, entities and groups are names in SQL, so no dots or dashes. */
const tableRule = 'a name of lower-case letters, digits and _, beginning with a letter, at most 63 long'
export const tableName = () =>
  z
    .string({ error: tableRule })
    .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: tableRule })
    .meta({ title: 'table name' })

/** Models, services, tags and the project become folders and parts of a URL. */
const safeRule = 'a name of lower-case letters, digits, and . _ - , beginning with a letter, at most 63 long'
export const safeNameText = () =>
  z
    .string({ error: safeRule })
    .regex(/^(?!.*\.\.)[a-z][a-z0-9._-]{0,62}(?<!\.)$/, { error: safeRule })
    .meta({ title: 'safe name' })

/** A leading underscore is kept for physical columns. */
const columnRule = 'a column name of letters, digits and _, beginning with a letter, at most 63 long'
export const column = () =>
  z
    .string({ error: columnRule })
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, { error: columnRule })
    .meta({ title: 'column name' })

const versionRule = 'a contract version, such as v1'
export const contractVersion = () =>
  z
    .string({ error: versionRule })
    .regex(/^v[1-9][0-9]{0,5}$/, { error: versionRule })
    .meta({ title: 'contract version' })

export const valueType = () =>
  z.enum(valueTypes, { error: `a type: ${valueTypes.join(', ')}` }).meta({ title: 'value type' })

export const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `one of ${words.join(', ')}` })

export const flag = () => z.boolean({ error: 'true or false' })

export const count = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

export const amount = (min: number, max: number, rule = `a number from ${min} to ${max}`) =>
  z.number({ error: rule }).min(min, { error: rule }).max(max, { error: rule })

const rangeRule = 'a list of the smallest and the largest value, such as [0, 100] or [0, null]'
const bound = () => z.number({ error: 'a number or null' }).nullable()
export const range = () => z.tuple([bound(), bound()], { error: rangeRule })

export const literalValue = () =>
  z.union([z.string(), z.number(), z.boolean()], { error: 'text, a number, true or false' })

export const list = <Item extends z.ZodType>(item: Item, rule = 'a list') => z.array(item, { error: rule })

export const nonEmptyList = <Item extends z.ZodType>(item: Item, rule = 'a list with at least one entry') =>
  z.array(item, { error: rule }).min(1, { error: rule })

export const table = <Key extends z.ZodType<string, string>, Item extends z.ZodType>(key: Key, item: Item) =>
  z.record(key, item, { error: 'a mapping of names' })

/**
 * A mapping with exactly these keys. For unknown keys the message is the list of known ones, which
 * `schema-problems.ts` searches for the nearest.
 */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'a mapping'),
  })
