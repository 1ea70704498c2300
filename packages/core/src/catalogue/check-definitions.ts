import type { AnyDefinition } from './build-catalogue.js'
import { RESERVED_MEMBERS } from './problem-details.js'
import { isErrorStatus } from './status-codes.js'
import { ABOUT_BLANK, resolveType } from './type-uri.js'

const SEVERITIES = ['critical', 'high', 'medium', 'low']
/** RFC 9457 §3.2 */
const ADVISED_NAME = /^[A-Za-z][A-Za-z0-9_]{2,}$/
const LEVELS = ['fatal', 'error', 'warning', 'info', 'debug']

/** Names every mistake in a catalogue, each in one sentence; none means that it can be built. */
export function definitionMistakes(
  base: string | undefined,
  definitions: Readonly<Record<string, AnyDefinition>>,
): string[] {
  const baseMistakes = base === undefined ? [] : checkBase(base)
  const usableBase = baseMistakes.length > 0 ? 'https://invalid.example/' : base
  const mistakes = [...baseMistakes]
  const nameByType = new Map<string, string>()
  for (const [name, definition] of Object.entries(definitions)) {
    mistakes.push(...checkOne(definition).map((mistake) => `${name}: ${mistake}`))
    mistakes.push(...checkType(name, definition?.type, usableBase, nameByType))
  }
  return mistakes
}

/** What of the extensions will not work for everybody, each in one sentence. The compiler has said so already, if it was asked. */
export function extensionWarnings(definition: AnyDefinition): string[] {
  const names = extensionNames(definition)
  const reserved = names.filter((name) => RESERVED_MEMBERS.has(name))
  const odd = names.filter((name) => !ADVISED_NAME.test(name))
  return [
    ...reserved.map((name) => `the extension '${name}' is a member of every problem and will be dropped`),
    ...odd.map(
      (name) =>
        `clients may not be able to read the extension '${name}'; RFC 9457 §3.2 advises a letter, then letters, digits or _, three or more`,
    ),
  ]
}

function checkBase(base: string): string[] {
  const url = URL.parse?.(base) ?? tryUrl(base)
  if (url === null) return [`base: '${base}' is no absolute URI`]
  return url.search || url.hash ? [`base: '${base}' must end with its path, without query and fragment`] : []
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

function checkOne(definition: AnyDefinition): string[] {
  if (typeof definition !== 'object' || definition === null)
    return ['must be an object with status and title']
  const { status, title, severity, level, retryAfterSeconds } = definition
  const mistakes: string[] = []
  if (!isErrorStatus(status))
    mistakes.push(
      `status must be a whole number from 400 to 599, not ${typeof status === 'string' ? `'${status}'` : String(status)}`,
    )
  if (typeof title !== 'string' || title === '') mistakes.push('title must be a text')
  if (severity !== undefined && !SEVERITIES.includes(severity))
    mistakes.push(`severity must be one of ${SEVERITIES.join(', ')}`)
  if (level !== undefined && !LEVELS.includes(level))
    mistakes.push(`level must be one of ${LEVELS.join(', ')}`)
  if (retryAfterSeconds !== undefined && !(Number.isFinite(retryAfterSeconds) && retryAfterSeconds >= 0)) {
    mistakes.push('retryAfterSeconds must be a number from 0')
  }
  return mistakes
}

function checkType(
  name: string,
  type: string | undefined,
  base: string | undefined,
  nameByType: Map<string, string>,
): string[] {
  try {
    const resolved = resolveType(name, type, base)
    const other = resolved === ABOUT_BLANK ? undefined : nameByType.get(resolved)
    nameByType.set(resolved, name)
    return other === undefined ? [] : [`${other} and ${name} have the same type ${resolved}`]
  } catch {
    return [`${name}: type '${type}' is no URI${base === undefined ? '; a relative one needs a base' : ''}`]
  }
}

function extensionNames(definition: AnyDefinition): string[] {
  const properties = (definition.extensions as { properties?: unknown } | undefined)?.properties
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
