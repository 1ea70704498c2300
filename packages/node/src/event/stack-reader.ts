import { isAbsolute } from 'node:path'
import type { StackFrame } from '@faultline/protocol'
import { currentFolder } from './folders.js'
import { headerEnd, type ParsedFrame, parseFrames } from './parse-stack.js'
import { RecentCache } from './recent-cache.js'
import { createSourceReader, type SourcePlace, type SourceReader } from './source-context.js'
import { rootOf, stackFrame } from './stack-frame.js'

/** What a stack says behind its message. */
export interface ReadStack {
  /** With the source around them as far as it was read. Never changed: other frames take their place. */
  frames: StackFrame[]
  /** Whether nothing at all follows the message. */
  isEmpty: boolean
  /** The frames with the source around the application's own. Never rejects. */
  withSource(): Promise<StackFrame[]>
}

/** Twice as many are held at most. */
const CACHED_STACKS = 250

/** Reads the stacks of errors; those that are equal behind their messages are parsed once. */
export function createStackReader(options: {
  root?: string | undefined
  onBuiltLines?: (() => void) | undefined
}): (stack: string, message: string) => ReadStack {
  const root = rootOf(options.root ?? currentFolder())
  const readSource = createSourceReader(options.onBuiltLines)
  const known = new RecentCache<ReadStack>(CACHED_STACKS)
  return (stack, message) => {
    const text = stack.slice(headerEnd(stack, message))
    let read = known.get(text)
    if (read === undefined) {
      read = readStack(text, root, readSource)
      known.set(text, read)
    }
    return read
  }
}

function readStack(text: string, root: string, readSource: SourceReader): ReadStack {
  const parsed = parseFrames(text)
  const bare = parsed.map((frame) => stackFrame(frame, root))
  let reading: Promise<StackFrame[]> | undefined
  const read: ReadStack = {
    frames: bare,
    isEmpty: text.trim() === '',
    withSource: () => {
      reading ??= addSource(parsed, bare, readSource).then((frames) => {
        read.frames = frames
        return frames
      })
      return reading
    },
  }
  return read
}

async function addSource(
  parsed: readonly ParsedFrame[],
  bare: StackFrame[],
  readSource: SourceReader,
): Promise<StackFrame[]> {
  const places: SourcePlace[] = []
  const owners: number[] = []
  for (const [index, { file, line, column }] of parsed.entries()) {
    if (!bare[index]?.inApp || file === undefined || !line || !isAbsolute(file)) continue
    places.push({ path: file, line, column })
    owners.push(index)
  }
  if (places.length === 0) return bare
  const contexts = await readSource(places)
  const frames = [...bare]
  for (const [at, index] of owners.entries()) {
    const context = contexts[at]
    if (context !== undefined) frames[index] = { ...(bare[index] as StackFrame), context }
  }
  return frames
}
