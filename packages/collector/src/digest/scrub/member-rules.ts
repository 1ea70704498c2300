/**
 * What a member of an event is. `ours`: it is never hidden, not even by configuration. `keep`: no secret by what it means. `repeated`:
 * text that comes again and again. `source`: lines of code around a frame. `file`: of a frame. `url`: its host is no person's, and it may be encoded.
 * `person`: it may be an address. `data`: an object of the application's. Everything else is its data too: keys tell, and text is looked through.
 */
export type Rule =
  | 'ours'
  | 'keep'
  | 'text'
  | 'repeated'
  | 'source'
  | 'file'
  | 'url'
  | 'email'
  | 'ip'
  | 'person'
  | 'data'
  | Rules

/** By the name of a member; `*` is for any other, and for the items of a list. */
export type Rules = ReadonlyMap<string, Rule>

export function ruleOf(rules: Rules | undefined, name: string): Rule | undefined {
  return rules?.get(name) ?? rules?.get('*')
}

const rules = (members: Record<string, Rule>): Rules => new Map(Object.entries(members))
const each = (rule: Rule): Rules => rules({ '*': rule })

/** Of an ErrorEvent. */
export const EVENT_RULES = rules({
  id: 'ours',
  occurredAt: 'ours',
  level: 'ours',
  severity: 'ours',
  handled: 'ours',
  mechanism: 'ours',
  platform: 'ours',
  truncated: 'ours',
  sdk: rules({ name: 'ours', version: 'ours' }),
  trace: rules({ traceId: 'ours', spanId: 'ours' }),
  service: 'keep',
  environment: 'keep',
  release: 'keep',
  commit: 'keep',
  host: rules({ name: 'keep', ip: 'keep', containerId: 'keep' }),
  runtime: rules({ name: 'keep', version: 'keep' }),
  exceptions: each(
    rules({
      parent: 'ours',
      meta: 'data',
      frames: each(
        rules({
          function: 'keep',
          file: 'file',
          module: 'keep',
          line: 'keep',
          column: 'keep',
          inApp: 'ours',
          context: 'source',
        }),
      ),
    }),
  ),
  problem: rules({ status: 'keep' }),
  request: rules({
    id: 'keep',
    route: 'url',
    status: 'keep',
    durationMs: 'keep',
    url: 'url',
    query: 'url',
    ip: 'ip',
    userAgent: 'repeated',
    headers: each('repeated'),
  }),
  user: rules({ email: 'email', ip: 'ip', '*': 'person' }),
  tags: 'data',
  extra: 'data',
  breadcrumbs: each(rules({ at: 'ours', category: 'text', data: 'data' })),
  fingerprint: each('text'),
})
