import { ErrorEvent, LEVELS, TIME_PATTERN } from '@faultline/protocol'
import type { TSchema } from '@sinclair/typebox'

type Level = ErrorEvent['level']
/** What takes the place of what an event cannot be without. */
export type StandIns = Readonly<Partial<ErrorEvent>>

/** Nothing that fits. */
const UNFIT = Symbol('unfit')
const LEVEL_WORDS: ReadonlyMap<unknown, Level> = new Map<unknown, Level>([
  ...LEVELS.map((level) => [level, level] as const),
  ['warn', 'warning'],
  ['trace', 'debug'],
])
const patterns = new Map<string, RegExp>()

/**
 * An event made to fit the schema: JavaScript does not keep anybody from `setUser({ id: 42 })`, and an event must not be refused for
 * that. Where a text is wanted, other values become one; what fits in no way is left out.
 * @param said Plain data. It is not changed, and the very same is returned if all of it fits.
 * @throws when not even the stand-ins make an event of it.
 */
export function fitEvent(said: object, standIns: StandIns): ErrorEvent {
  const { occurredAt } = { ...said, ...standIns }
  const fitted = fitMembers(said, ErrorEvent, occurredAt, standIns)
  if (fitted === UNFIT) throw new TypeError('a report without a valid id and time makes no event')
  return fitted as ErrorEvent
}

/** The protocol's word for a level, also in pino's words; `undefined` for what is none. */
export function levelOf(said: unknown): Level | undefined {
  return LEVEL_WORDS.get(typeof said === 'string' ? said.toLowerCase() : said)
}

function fit(value: unknown, schema: TSchema, now: string | undefined): unknown {
  switch (schema.type) {
    case 'object':
      return isObject(value) ? fitMembers(value, schema, now) : UNFIT
    case 'array':
      return Array.isArray(value) ? fitItems(value, schema, now) : UNFIT
    case 'string':
      return fitText(value, schema)
    default:
      return isOne(value, schema) ? value : UNFIT
  }
}

function fitMembers(value: object, schema: TSchema, now: string | undefined, standIns: object = {}): unknown {
  const said = value as Record<string, unknown>
  const others: TSchema | undefined = schema.additionalProperties
  const known: Record<string, TSchema> = schema.properties ?? {}
  let fitted = said
  for (const name of Object.keys(others === undefined ? known : said)) {
    const member = said[name]
    const memberSchema = (others ?? known[name]) as TSchema
    let fitting = member === undefined ? UNFIT : fit(member, memberSchema, now)
    if (fitting === UNFIT && schema.required?.includes(name)) {
      fitting = (standIns as typeof said)[name] ?? replacement(memberSchema, now)
      if (fitting === UNFIT) return UNFIT
    }
    if (fitting === UNFIT ? !(name in said) : fitting === member) continue
    if (fitted === said) fitted = { ...said }
    if (fitting === UNFIT) delete fitted[name]
    else fitted[name] = fitting
  }
  return fitted
}

function fitItems(items: readonly unknown[], schema: TSchema, now: string | undefined): unknown[] {
  const itemSchema = schema.items as TSchema
  let isSame = true
  const fitted: unknown[] = []
  for (const item of items) {
    const fitting = fit(item, itemSchema, now)
    if (fitting !== item) isSame = false
    if (fitting !== UNFIT) fitted.push(fitting)
  }
  return isSame ? (items as unknown[]) : fitted
}

function fitText(value: unknown, { pattern }: TSchema): unknown {
  if (pattern !== undefined) return typeof value === 'string' && hasForm(value, pattern) ? value : UNFIT
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return UNFIT
  return isObject(value) ? JSON.stringify(value) : String(value)
}

function hasForm(text: string, pattern: string): boolean {
  let form = patterns.get(pattern)
  if (form === undefined) {
    form = new RegExp(pattern)
    patterns.set(pattern, form)
  }
  return form.test(text)
}

/** Of values that nothing else can become. */
function isOne(value: unknown, schema: TSchema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some((choice: TSchema) => isOne(value, choice))
  if (schema.const !== undefined) return value === schema.const
  if (schema.type === undefined) return true
  if (schema.type !== 'integer' && schema.type !== 'number') return typeof value === schema.type
  const isNumber = schema.type === 'integer' ? Number.isInteger(value) : Number.isFinite(value)
  return isNumber && (value as number) >= (schema.minimum ?? Number.NEGATIVE_INFINITY)
}

/** For what is required and does not fit. */
function replacement({ type, pattern }: TSchema, now: string | undefined): unknown {
  if (type === 'array') return []
  if (type === 'boolean') return false
  if (pattern === TIME_PATTERN) return now ?? UNFIT
  return type === 'string' && pattern === undefined ? '' : UNFIT
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
