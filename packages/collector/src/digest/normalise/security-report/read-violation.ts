import { type Said, textOf } from '../untrusted.js'
import { frameOf, type SecurityReport, withoutQuery } from './security-report.js'

/** A violation of a content security policy: `report-uri` spells `blocked-uri`, `report-to` spells `blockedURL`. */
export function readViolation(said: Said): Omit<SecurityReport, 'ageMs'> {
  const directive = directiveOf(said)
  const subject = subjectOf(directive)
  const blocked = textOf(said['blocked-uri']) ?? textOf(said.blockedURL) ?? textOf(said.blockedURI) ?? ''
  const page = withoutQuery(textOf(said['document-uri']) ?? textOf(said.documentURL))
  const source = sourceOf(blocked, page)
  return {
    type: 'CSP',
    message: messageOf(subject, source),
    fingerprint: ['CSP', directive, source],
    tags: { 'effective-directive': directive, 'blocked-uri': source },
    ...(page !== undefined && { url: page }),
    frames: frameOf(said),
    details: said,
  }
}

/** Old browsers name the whole rule, `script-src 'self' cdn.example`, and only as the violated one. */
function directiveOf(said: Said): string {
  const directive =
    textOf(said['effective-directive']) ??
    textOf(said.effectiveDirective) ??
    textOf(said['violated-directive']) ??
    textOf(said.violatedDirective) ??
    ''
  return directive.trim().split(/\s/, 1)[0]?.toLowerCase() ?? ''
}

/** `script-src-elem` is about scripts. */
function subjectOf(directive: string): string {
  const name = directive.replace(/-src(?:-elem|-attr)?$/, '')
  return name === 'img' ? 'image' : name
}

/** What was blocked, so far that like ones are alike: a host, a scheme, or a word such as `inline`. */
function sourceOf(blocked: string, page: string | undefined): string {
  const host = hostOf(blocked)
  if (host !== undefined) return host === hostOf(page ?? '') ? 'self' : host
  const scheme = /^([a-z][a-z\d+.-]{0,20}):/i.exec(blocked)?.[1]
  if (scheme !== undefined) return `${scheme.toLowerCase()}:`
  return blocked === '' ? 'inline' : blocked.slice(0, 100)
}

function hostOf(url: string): string | undefined {
  if (!/^(?:https?|wss?):\/\//i.test(url) || url.length > 10_000) return undefined
  return URL.parse(url)?.host
}

function messageOf(subject: string, source: string): string {
  if (source === 'inline') return `Blocked inline '${subject}'`
  if (source === 'eval' || source === 'wasm-eval') return `Blocked ${source} in '${subject}'`
  return `Blocked '${subject}' from '${source}'`
}
