import { type Static, Type } from '@sinclair/typebox'

const Text = (description?: string) => Type.String(description === undefined ? {} : { description })
const Optional = Type.Optional
const Data = Type.Unsafe<Record<string, unknown>>(Type.Object({}))
// Not Type.Record: its pattern `^(.*)$` skips every name with a line break in it.
const Texts = Type.Unsafe<Record<string, string>>(Type.Object({}, { additionalProperties: Type.String() }))

/** Any spelling of a UUID: 32 hexadecimal digits, with or without hyphens. */
export const UUID_PATTERN =
  '^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$'
/**
 * RFC 3339 with any offset and at most nanoseconds; whatever matches can be read by `Date.parse`, which is why no second 60 does.
 * @see RFC 3339 §5.6
 */
export const TIME_PATTERN =
  '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])[Tt ]([01]\\d|2[0-3])(:[0-5]\\d){2}(\\.\\d{1,9})?([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d)$'

const Uuid = Type.String({ pattern: UUID_PATTERN })
const Time = Type.String({ pattern: TIME_PATTERN, description: 'RFC 3339' })

/** The levels that a client sends, worst first. */
export const LEVELS = ['fatal', 'error', 'warning', 'info', 'debug'] as const
/** The severities, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
/** Who noticed an error. */
export const MECHANISMS = ['http', 'process', 'guard', 'manual', 'log'] as const

const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>(Type.Union(values.map((value) => Type.Literal(value))))

/** The source around a frame. */
export const SourceContext = Type.Object({
  before: Type.Array(Text(), { description: 'Up to 5 lines before it.' }),
  line: Text('The line itself.'),
  after: Type.Array(Text(), { description: 'Up to 5 lines after it.' }),
})
export type SourceContext = Static<typeof SourceContext>

export const StackFrame = Type.Object({
  function: Optional(Text()),
  file: Optional(
    Text('Relative to the service’s folder where it lies below; `node:…` for the runtime’s own.'),
  ),
  line: Optional(Type.Integer({ minimum: 0, description: 'Counts from 1.' })),
  column: Optional(Type.Integer({ minimum: 0, description: 'Counts from 1.' })),
  module: Optional(Text('The package or module that the file belongs to, if it is not the service’s own.')),
  inApp: Type.Boolean({ description: 'The service’s own code, not a library’s or the runtime’s.' }),
  context: Optional(SourceContext),
})
export type StackFrame = Static<typeof StackFrame>

export const ExceptionRecord = Type.Object({
  type: Text('The class: `TypeError`.'),
  message: Text(),
  code: Optional(Type.Union([Type.String(), Type.Number()])),
  parent: Optional(
    Type.Integer({ minimum: 0, description: 'Index of the AggregateError that this one belongs to.' }),
  ),
  frames: Type.Array(StackFrame, { description: 'Newest first.' }),
  meta: Optional(Data),
})
export type ExceptionRecord = Static<typeof ExceptionRecord>

export const BreadcrumbRecord = Type.Object({
  at: Time,
  category: Text(),
  message: Text(),
  level: Optional(Text()),
  data: Optional(Data),
})

export const ProblemRecord = Type.Object({
  type: Text(),
  title: Optional(Text()),
  status: Optional(Type.Integer()),
  detail: Optional(Text()),
  instance: Optional(Text()),
})

export const RequestRecord = Type.Object({
  id: Optional(Text()),
  method: Optional(Text()),
  route: Optional(Text('The pattern that matched: `/orders/:id`.')),
  url: Optional(Text('Without the query.')),
  query: Optional(Text()),
  headers: Optional(Texts),
  body: Optional(Type.Unknown()),
  ip: Optional(Text()),
  userAgent: Optional(Text()),
  status: Optional(Type.Integer()),
  durationMs: Optional(Type.Number({ minimum: 0 })),
})

/** One happening, as it travels to the collector. Unknown members are allowed, and kept under `extra` there. */
export const ErrorEvent = Type.Object({
  id: Uuid,
  occurredAt: Time,
  level: oneOf(LEVELS),
  severity: Optional(oneOf(SEVERITIES)),
  handled: Type.Boolean({
    description:
      'False when an error handler or a process hook caught it, true when it was reported by hand or by a guard.',
  }),
  mechanism: oneOf(MECHANISMS),
  platform: Text('`node`, `javascript`, `python`, …'),
  service: Text(),
  environment: Text(),
  release: Optional(Text()),
  commit: Optional(Text()),
  host: Optional(Type.Object({ name: Text(), ip: Optional(Text()), containerId: Optional(Text()) })),
  runtime: Optional(Type.Object({ name: Text(), version: Text() })),
  message: Optional(Text()),
  exceptions: Type.Array(ExceptionRecord, {
    description: 'What was thrown, then its causes; members of an AggregateError point to it by `parent`.',
  }),
  problem: Optional(ProblemRecord),
  request: Optional(RequestRecord),
  phase: Optional(Text('Where in the life of the request it happened, if not while it was handled.')),
  user: Optional(Type.Object({ id: Optional(Text()), email: Optional(Text()), name: Optional(Text()) })),
  tenant: Optional(Text()),
  trace: Optional(
    Type.Object({ traceId: Text('32 hexadecimal digits'), spanId: Optional(Text('16 hexadecimal digits')) }),
  ),
  tags: Optional(Texts),
  extra: Optional(Data),
  breadcrumbs: Optional(Type.Array(BreadcrumbRecord)),
  fingerprint: Optional(
    Type.Array(Type.String(), {
      description: '`{{ default }}` stands for what the collector would have taken.',
    }),
  ),
  sdk: Type.Object({ name: Text(), version: Text() }),
  truncated: Optional(
    Type.Array(Type.String(), { description: 'Paths of what was cut to the limits: `exceptions.0.frames`.' }),
  ),
})
export type ErrorEvent = Static<typeof ErrorEvent>
