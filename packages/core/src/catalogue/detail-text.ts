import type { Translation } from './definition.js'

/**
 * The detail of a definition or of a translation, told with the data of this happening. A template that stumbles over its data, or
 * gives no text, says nothing: it must not replace the error that it belongs to.
 */
export function detailText(detail: Translation['detail'], data: unknown): string | undefined {
  if (typeof detail !== 'function') return detail
  try {
    const text: unknown = detail(
      (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>,
    )
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}
