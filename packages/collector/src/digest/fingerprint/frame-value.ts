import type { StackFrame } from '@faultline/protocol'
import { createMemory } from '../memory.js'
import { fileName, functionName, moduleName } from './frame-names.js'
import { parameterise } from './parameterise.js'

/** Longer lines are minified, or cut by an SDK in its own way. */
const LINE_LENGTH = 120

const NATIVE = /^(?:<anonymous>|<[^<>]*>|\[?native(?: code)?\]?|node:.*|internal\/.*|\[native code\])$/
const SCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte)(?:[?#]|$)/
/** What an SDK puts around a callback, and what stands for no code at all. */
const WRAPPER = /^(?:sentryWrapped|Promise\.\w+(?: \(index \d+\))?)$/

const files = createMemory<string>()
const functions = createMemory<string>()
const modules = createMemory<string>()
const lines = createMemory<string>()

/** What a frame contributes: where it is, in words that stay the same. Empty when it says nothing. */
export function frameValue({ file = '', module = '', function: name = '' }: StackFrame): string {
  if (NATIVE.test(file) || WRAPPER.test(name)) return ''
  const place = placeOf(file, module)
  const called = functions(name, () => functionName(name))
  return place === '' || called === '' ? place + called : `${place} ${called}`
}

/** The code of a frame's line, which tells two errors of one function apart. Empty when it is not known. */
export function lineValue({ context }: StackFrame): string {
  const line = context?.line ?? ''
  if (line.length > LINE_LENGTH || line.includes('{snip}')) return ''
  return lines(line, () => parameterise(line.trim().replace(/\s+/g, ' ')))
}

// A script's module is its folder or its package, which change; elsewhere it is what the file is called by.
function placeOf(file: string, module: string): string {
  const isModule = module !== '' && !SCRIPT.test(file)
  if (isModule) return modules(module, () => moduleName(module))
  return file === '' ? '' : files(file, () => fileName(file))
}
