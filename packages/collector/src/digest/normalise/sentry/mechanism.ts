import type { ErrorEvent } from '@faultline/protocol'
import { recordOf, recordsOf, type Said, textOf } from '../untrusted.js'
import { isOwnMechanism } from './own-client.js'

type Mechanism = ErrorEvent['mechanism']

/** Integrations of web frameworks: their names as words, `logging` is not gin. */
const HTTP =
  /http(?!client)|middleware|servlet|interceptor|exceptionresolver|fastify|fastapi|django|laravel|symfony|(?:^|[^a-z])(?:express|koa|hapi|hono|nestjs|nextjs|nuxt|remix|elysia|wsgi|asgi|flask|starlette|tornado|sanic|quart|falcon|bottle|pyramid|chalice|rack|rails|sinatra|spring|aspnet|gin|echo|fiber|lambda)(?:[^a-z]|$)/i
/** What catches what nobody has caught: hooks of a runtime, of a browser's window, of a thread. */
const PROCESS =
  /uncaught|unhandled|unobserved|excepthook|global_?handlers?|browserapierrors|^onerror$|^instrument$|trycatch|^threading$|signal|panic|crash|minidump|^mach$|nsexception|^anr$|platformdispatcher|runzonedguarded|fluttererror/i
const LOG = /log|console|monolog|nlog/i
const BY_HAND: ReadonlySet<unknown> = new Set(['generic', 'chained', 'auto.core.linked_errors', ''])
/** What old clients wrote into `logger` without any logger. */
const NO_LOGGERS = new Set(['root', 'javascript', 'php', 'csharp', 'go'])

/** Who noticed it, and whether somebody had foreseen it. */
export function mechanismOf(said: Said): Pick<ErrorEvent, 'mechanism' | 'handled'> {
  const all = recordsOf(said.exception)
    .map(({ mechanism }) => recordOf(mechanism))
    .filter((one) => one !== undefined)
  // what was thrown is the last, its causes are `chained`
  const own = all.findLast(({ type }) => type !== 'chained') ?? all.at(-1)
  const mechanism = kindOf(textOf(own?.type) ?? '', said)
  return { mechanism, handled: isHandled(all, mechanism) }
}

/** Whether a type says no more than that somebody called the client. */
export function isByHand(type: unknown): boolean {
  return BY_HAND.has(type)
}

/** The name of the logger that it came by. */
export function loggerOf(said: Said): string | undefined {
  const logger = textOf(said.logger)
  return logger === undefined || NO_LOGGERS.has(logger) ? undefined : logger
}

function kindOf(type: string, said: Said): Mechanism {
  if (isOwnMechanism(type)) return type
  const name = type.slice(0, 100)
  if (isByHand(name)) return loggerOf(said) === undefined ? 'manual' : 'log'
  if (HTTP.test(name)) return 'http'
  if (PROCESS.test(name)) return 'process'
  return LOG.test(name) ? 'log' : 'manual'
}

function isHandled(mechanisms: readonly Said[], mechanism: Mechanism): boolean {
  if (mechanisms.some(({ handled }) => handled === false)) return false
  if (mechanisms.some(({ handled }) => handled === true)) return true
  return mechanism !== 'process' && mechanism !== 'http'
}
