import { isObject } from '../thrown/thrown.js'
import { FILTERED } from './filtered.js'

/** The names on the way to a member, in lower case; `*` stands for any. */
export type Path = readonly string[]

/** `request.headers.X-Tenant` */
export function pathOf(dotted: string): Path {
  return dotted.toLowerCase().split('.')
}

/** The same plain data without the members that the paths lead to; what is changed is copied. */
export function hidePaths<Data>(data: Data, paths: readonly Path[]): Data {
  return paths.reduce((shown: unknown, path) => hide(shown, path, 0), data) as Data
}

function hide(data: unknown, path: Path, at: number): unknown {
  if (at === path.length) return FILTERED
  if (!isObject(data)) return data
  const copy = Array.isArray(data) ? [] : Object.create(Object.getPrototypeOf(data))
  for (const [name, value] of Object.entries(data)) {
    const isOnPath = path[at] === '*' || path[at] === name.toLowerCase()
    copy[name] = isOnPath ? hide(value, path, at + 1) : value
  }
  return copy
}
