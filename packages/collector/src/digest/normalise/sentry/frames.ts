import { EVENT_LIMITS, type SourceContext, type StackFrame } from '@faultline/protocol'
import { clip, countOf, isEmpty, recordOf, type Said, textOf } from '../untrusted.js'
import { isInApp } from './in-app.js'

const JAVASCRIPT = new Set(['javascript', 'node', 'bun', 'deno'])
const LINES_AROUND = 5
/** UTF-16 units; bundles have lines of megabytes. */
const LINE_LENGTH = 300
/** Behind them frames may be cut out, and indexes change. */
const FRAMES_WITH_VARIABLES = EVENT_LIMITS.frames / 2
const PACKAGES = 'node_modules/'
/** What engines say instead of a file, for code of their own: `Array.map (<anonymous>)`, `async Promise.all (index 0)`. */
const BUILT_IN = /^(?:<anonymous>|native|\[native code\]|index \d{1,9})$/

export interface Frames {
  /** Newest first. */
  frames: StackFrame[]
  /** The local variables by index of their frame. */
  variables?: Record<string, Said>
}

/** The frames of a `stacktrace`, which has them oldest first. */
export function framesOf(stacktrace: unknown, platform: string): Frames {
  const said = recordOf(stacktrace)?.frames
  const frames: StackFrame[] = []
  const variables: Record<string, Said> = {}
  if (!Array.isArray(said)) return { frames }
  for (let at = said.length - 1; at >= 0; at--) {
    const one = recordOf(said[at])
    if (one === undefined) continue
    const vars = recordOf(one.vars)
    if (vars !== undefined && !isEmpty(vars) && frames.length < FRAMES_WITH_VARIABLES)
      variables[frames.length] = vars
    frames.push(frameOf(one, platform))
  }
  return isEmpty(variables) ? { frames } : { frames, variables }
}

function frameOf(said: Said, eventPlatform: string): StackFrame {
  const platform = textOf(said.platform) ?? eventPlatform
  const frame: StackFrame = { inApp: true }
  const name = functionOf(said.function)
  const file = fileOf(said, platform)
  const line = countOf(said.lineno) || undefined // both count from 1; PHP says 0 of what has no file
  const column = countOf(said.colno) || undefined
  const module = moduleOf(said, file, platform)
  const context = contextOf(said)
  if (name !== undefined) frame.function = name
  if (file !== undefined) frame.file = file
  if (line !== undefined) frame.line = line
  if (column !== undefined) frame.column = column
  if (module !== undefined) frame.module = module
  if (context !== undefined) frame.context = context
  frame.inApp = isOwnCode(said, frame, platform)
  return frame
}

/** Clients in browsers say that all of it is. */
function isOwnCode(said: Said, frame: StackFrame, platform: string): boolean {
  if (JAVASCRIPT.has(platform) && BUILT_IN.test(textOf(said.filename) ?? '')) return false
  if (typeof said.in_app === 'boolean') return said.in_app
  return isInApp(frame, { platform, path: textOf(said.abs_path) })
}

/** As our own clients write them: `?` is Sentry's word for a function without a name. */
function functionOf(said: unknown): string | undefined {
  const name = textOf(said)
  if (name === undefined || name === '?' || name === '<anonymous>') return undefined
  if (name.endsWith('.?')) return `${name.slice(0, -1)}<anonymous>`
  const as = name.endsWith(']') ? name.lastIndexOf(' [as ') : -1
  return as > 0 ? name.slice(0, as) : name
}

/** `filename` is the shorter one, where the SDK knows the folder of the service; `abs_path` always is the whole path. */
function fileOf(said: Said, platform: string): string | undefined {
  const file = textOf(said.filename) ?? textOf(said.abs_path)
  if (file === undefined || file === '<anonymous>' || file === '<unknown>') return undefined
  if (JAVASCRIPT.has(platform)) return BUILT_IN.test(file) ? undefined : scriptFile(file)
  const isBelow = file.startsWith('/') && textOf(said.abs_path)?.endsWith(file) && said.abs_path !== file
  return isBelow ? file.slice(1) : file
}

/** Without what bundlers and `rewriteFrames` put around it, and without the query of a script's URL. */
function scriptFile(file: string): string {
  if (!/[:?#]|^async /.test(file)) return file
  const path = file
    .replace(/^async /, '')
    .replace(/^(?:file:\/\/(?=\/)|app:\/\/\/?|webpack(?:-internal)?:\/\/(?:[\w@/-]{0,100}\/)?\.?\/?)/, '')
  return path.replace(/[?#].*$/s, '').replace(/^\/(?=[A-Za-z]:)/, '') || file
}

/** Sentry's `module` of a script is its name again; a package is worth knowing. */
function moduleOf(said: Said, file: string | undefined, platform: string): string | undefined {
  if (!JAVASCRIPT.has(platform)) return textOf(said.module)
  const at = file?.lastIndexOf(PACKAGES) ?? -1
  if (file === undefined || at === -1 || (at > 0 && file[at - 1] !== '/')) return undefined
  const [first, second] = file.slice(at + PACKAGES.length).split('/', 2)
  return first?.startsWith('@') && second !== undefined ? `${first}/${second}` : first
}

function contextOf(said: Said): SourceContext | undefined {
  if (typeof said.context_line !== 'string') return undefined
  return {
    before: linesOf(said.pre_context, -LINES_AROUND),
    line: lineOf(said.context_line),
    after: linesOf(said.post_context, 0, LINES_AROUND),
  }
}

function linesOf(said: unknown, from: number, to?: number): string[] {
  if (!Array.isArray(said)) return []
  return said.slice(from, to).map(lineOf)
}

/** Ruby's lines end with their line breaks. */
function lineOf(line: unknown): string {
  return typeof line === 'string' ? clip(line.slice(0, LINE_LENGTH + 1).trimEnd(), LINE_LENGTH) : ''
}
