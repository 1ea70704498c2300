import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify'

const BODY_LIMIT_BYTES = 65_536

/** What the server is to be made with, so that all mistakes of a request are said at once. */
export const ALL_MISTAKES: Pick<FastifyServerOptions, 'ajv'> = { ajv: { customOptions: { allErrors: true } } }

/** Every mistake of a body is looked for, which takes its time: bodies are no longer than changes are. Before the routes. */
export function limitBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.bodyLimit = BODY_LIMIT_BYTES
  })
}

/** As Ajv tells it. */
interface Mistake {
  keyword: string
  message?: string
  params: Record<string, unknown>
  /** Of a mistake inside of `propertyNames`. */
  propertyName?: string
}

/** The mistakes of a failed validation, if it is one: each with the name of what it is about, and with what would have been right. */
export function mistakesOf(error: object, request: FastifyRequest): Mistake[] | undefined {
  if (!('validation' in error) || !Array.isArray(error.validation)) return undefined
  const mistakes: Mistake[] = error.validation
  // tells of an unknown name once more, without the names that are known
  return mistakes.filter(({ keyword }) => keyword !== 'propertyNames').map((one) => readable(one, request))
}

function readable(mistake: Mistake, { routeOptions }: FastifyRequest): Mistake {
  const { keyword, params, propertyName } = mistake
  if (keyword === 'minProperties') {
    const { properties = {} } = (routeOptions.schema?.body ?? {}) as { properties?: object }
    return { ...mistake, message: `must have at least one of ${listed(Object.keys(properties))}` }
  }
  if (keyword !== 'enum') return mistake
  const allowed = listed(params.allowedValues as string[])
  if (propertyName === undefined) return { ...mistake, message: `must be one of ${allowed}` }
  return { ...mistake, params: { propertyName }, message: `is not known: there are ${allowed}` }
}

function listed(names: readonly string[]): string {
  return names.join(', ')
}
