import type { StackFrame } from '@faultline/protocol'
import type { ParsedFrame } from './parse-stack.js'
import { sdkFolder } from './sdk.js'

const PACKAGES = '/node_modules/'
const WINDOWS_PATH = /^(?:[a-z]:[\\/]|\\\\)/i
/** A guard is no code of the service, also where a workspace has linked it. */
const SDK = sdkFolder && `${withSlashes(sdkFolder)}/dist/`

/**
 * A frame as it travels.
 * @param root The application's folder, as `rootOf` gives it.
 */
export function stackFrame(parsed: ParsedFrame, root: string): StackFrame {
  const file = parsed.file === undefined ? undefined : withSlashes(parsed.file)
  const frame: StackFrame = { inApp: file !== undefined && isOwn(file) }
  if (parsed.function !== undefined) frame.function = parsed.function
  if (file !== undefined) frame.file = file.startsWith(root) ? file.slice(root.length) : file
  if (parsed.line !== undefined) frame.line = parsed.line
  if (parsed.column !== undefined) frame.column = parsed.column
  const module = file === undefined ? undefined : packageOf(file)
  if (module !== undefined) frame.module = module
  return frame
}

/** A folder as paths below it begin. */
export function rootOf(folder: string): string {
  return `${withSlashes(folder).replace(/\/$/, '')}/`
}

// `[eval]-wrapper` is what Node puts around `node -e`.
function isOwn(file: string): boolean {
  if (file.startsWith('node:') || file.includes(PACKAGES) || file === '[eval]-wrapper') return false
  return SDK === undefined || !file.startsWith(SDK)
}

/** The innermost package: in pnpm's store a second `node_modules` follows the one with the version. */
function packageOf(file: string): string | undefined {
  const at = file.lastIndexOf(PACKAGES)
  if (at === -1) return undefined
  const [first, second] = file.slice(at + PACKAGES.length).split('/', 2) as [string, string?]
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first
}

/** A backslash is a separator on Windows only. */
function withSlashes(path: string): string {
  if (!WINDOWS_PATH.test(path)) return path
  return path.replaceAll('\\', '/').replace(/^[a-z]:/, (drive) => drive.toUpperCase())
}
