import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'

/** An event in the words of Sentry's protocol. @see https://develop.sentry.dev/sdk/data-model/event-payloads/ */
export function sentryEvent(event: ErrorEvent): object {
  const { id, occurredAt, trace, request, host, runtime, problem, breadcrumbs } = event
  return {
    event_id: id.replaceAll('-', ''),
    timestamp: occurredAt,
    platform: event.platform,
    level: event.level,
    environment: event.environment,
    release: event.release,
    server_name: host?.name,
    transaction: request?.route && `${request.method} ${request.route}`,
    message: event.exceptions.length === 0 ? event.message : undefined,
    // Sentry's order: the thrown one last
    exception: { values: event.exceptions.map((one, at) => sentryException(one, at, event)).reverse() },
    request: sentryRequest(event),
    user: { ...event.user, ip_address: request?.ip },
    tags: { service: event.service, severity: event.severity, tenant: event.tenant, ...event.tags },
    extra: event.extra,
    breadcrumbs: breadcrumbs && {
      values: breadcrumbs.map(({ at, ...rest }) => ({ timestamp: at, ...rest })),
    },
    contexts: {
      runtime,
      trace: trace && { trace_id: trace.traceId, span_id: trace.spanId },
      problem: problem && { ...problem },
    },
    fingerprint: event.fingerprint,
    sdk: event.sdk,
  }
}

function sentryException(exception: ExceptionRecord, at: number, { handled, mechanism }: ErrorEvent) {
  const { type, message, parent, frames, meta, code } = exception
  return {
    type,
    value: message,
    mechanism: {
      type: mechanism,
      handled,
      exception_id: at,
      parent_id: parent ?? (at === 0 ? undefined : at - 1),
      data: meta || code !== undefined ? { ...meta, code } : undefined,
    },
    // Sentry's order: the newest last
    stacktrace: frames.length > 0 ? { frames: frames.map(sentryFrame).reverse() } : undefined,
  }
}

function sentryFrame({ function: name, file, line, column, module, inApp, context }: StackFrame) {
  return {
    function: name,
    filename: file,
    module,
    lineno: line,
    colno: column,
    in_app: inApp,
    pre_context: context?.before,
    context_line: context?.line,
    post_context: context?.after,
  }
}

function sentryRequest({ request }: ErrorEvent) {
  if (request === undefined) return undefined
  const { method, url, query, headers, body } = request
  return { method, url, query_string: query, headers, data: body }
}
