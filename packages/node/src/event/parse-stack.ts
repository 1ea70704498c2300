/** One line of a stack, as V8 wrote it. */
export interface ParsedFrame {
  /** Absent for an anonymous function. */
  function?: string
  /** A path, a URL other than `file:`, or `node:…`. Absent for what is built in: `Array.map`. */
  file?: string
  /** Counts from 1. */
  line?: number
  /** Counts from 1. */
  column?: number
}

/** So far into a stack its message begins at most: behind the type, or behind the source line of a syntax error. */
const PREFIX_LENGTH = 512

/**
 * The frames of a V8 stack, newest first.
 * @param stack As V8 writes it, with or without source maps.
 * @param message The error's. With it, lines of the message that look like frames are told from the frames for certain.
 * @returns Empty where no line is a frame. Takes time in proportion to the text, whatever it says.
 */
export function parseStack(stack: string, message?: string): ParsedFrame[] {
  return parseFrames(stack.slice(headerEnd(stack, message)))
}

/** Where the header of a stack ends: its type and its message, which may have many lines. */
export function headerEnd(stack: string, message?: string): number {
  if (message === '' && !isFrameLike(stack, 0)) return (stack.indexOf('\n') + 1 || stack.length + 1) - 1
  const at = message === undefined ? -1 : stack.slice(0, message.length + PREFIX_LENGTH).indexOf(message)
  return at === -1 ? lastFramesStart(stack) : at + (message as string).length
}

/** The message is not in the stack as it is: it was changed, or cut. Its frames are the last lines, if they begin as frames do. */
function lastFramesStart(stack: string): number {
  let start = stack.length
  while (start > 1) {
    const lineStart = stack.lastIndexOf('\n', start - 2) + 1
    if (!isFrameLike(stack, lineStart)) break
    start = lineStart
  }
  return start === stack.length ? 0 : start
}

function isFrameLike(text: string, lineStart: number): boolean {
  return /^\s{0,16}(?:at |-> |$)/.test(text.slice(lineStart, lineStart + 20))
}

/** The first lines that are frames; a cause's, behind some text, are not this error's. */
export function parseFrames(text: string): ParsedFrame[] {
  const frames: ParsedFrame[] = []
  for (const untrimmed of text.split('\n')) {
    const line = untrimmed.trim()
    if (line.startsWith('at ')) {
      const frame = parseLine(line)
      if (frame !== undefined) frames.push(frame)
    } else if (line.startsWith('-> ')) mapLast(frames, line)
    else if (line !== '' && frames.length > 0) break
  }
  return frames
}

/** `-> /src/x.ts:1:2` says where the line above comes from. */
function mapLast(frames: ParsedFrame[], line: string): void {
  const last = frames.pop()
  if (last !== undefined) frames.push({ ...last, ...parseLocation(line.slice(3)) })
}

function parseLine(line: string): ParsedFrame | undefined {
  const from = line.startsWith('async ', 3) ? 9 : 3
  const open = line.endsWith(')') ? openingParenthesis(line) : -1
  if (open === -1) return parseLocation(line.slice(from))
  const location = parseLocation(line.slice(open + 1, -1))
  const name = functionName(line.slice(from, open - 1))
  return location && name !== undefined ? { ...location, function: name } : location
}

/** The one that the last character of a line closes. Where a file's name has single ones, the first behind a space. */
function openingParenthesis(line: string): number {
  let depth = 0
  for (let at = line.length - 1; at > 0; at--) {
    const char = line[at]
    if (char === ')') depth++
    else if (char === '(' && --depth === 0) {
      if (line[at - 1] === ' ') return at
      break
    }
  }
  const first = line.indexOf(' (')
  return first === -1 ? -1 : first + 1
}

/** `Object.x [as y]` is `Object.x`. */
function functionName(text: string): string | undefined {
  const as = text.endsWith(']') ? text.lastIndexOf(' [as ') : -1
  const name = as === -1 ? text : text.slice(0, as)
  return name === '' || name === '<anonymous>' ? undefined : name
}

/** `undefined` for text that is no location. */
function parseLocation(text: string): ParsedFrame | undefined {
  if (text === '<anonymous>' || text === 'native' || /^index \d+$/.test(text)) return {}
  if (text.startsWith('eval at ')) return parseLocation(evalOrigin(text))
  if (text.startsWith('wasm://')) return wasmLocation(text)
  const position = /:(\d{1,9})(?::(\d{1,9}))?$/.exec(text.slice(-20))
  if (position === null || position[0].length === text.length) return undefined
  const frame: ParsedFrame = { line: Number(position[1]) }
  if (position[2] !== undefined) frame.column = Number(position[2])
  const file = fileOf(text.slice(0, -position[0].length))
  return file === '<anonymous>' ? {} : { file, ...frame }
}

/** `eval at f (eval at g (/x.js:1:2), <anonymous>:3:4), <anonymous>:5:6`: the file that called the outermost one. */
function evalOrigin(text: string): string {
  const open = text.indexOf(' (', text.lastIndexOf('eval at '))
  const close = text.indexOf('), <anonymous>', open)
  return open === -1 || close === -1 ? '<anonymous>' : text.slice(open + 2, close)
}

/** `wasm://wasm/0145fffe:wasm-function[7]:0x1e`: it has no lines. */
function wasmLocation(text: string): ParsedFrame {
  const at = text.indexOf(':wasm-function[')
  if (at === -1) return { file: text }
  return { function: text.slice(at + 1, text.indexOf(']', at) + 1), file: text.slice(0, at) }
}

function fileOf(name: string): string {
  if (name.startsWith('data:')) return `<${/^data:[\w/+.-]{0,64}/.exec(name)?.[0]}>`
  if (!name.startsWith('file://')) return name
  const path = decoded(/^[^?#]*/.exec(name.slice(7))?.[0] as string)
  if (/^\/[a-z]:/i.test(path)) return path.slice(1)
  return path.startsWith('/') ? path : `//${path}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
