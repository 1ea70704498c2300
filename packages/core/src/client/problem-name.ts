import { STATUS_NAMES } from '../catalogue/status-names.js'
import { ABOUT_BLANK, VALIDATION_FAILED } from '../catalogue/type-uri.js'

/** How a client tells which definition a problem belongs to. */
export interface Naming {
  /** The catalogue's `base`. */
  base?: string
  /** Type URIs that do not follow from base and name; a status for a definition of type `about:blank`. */
  types?: Readonly<Record<string, string | number | undefined>>
}

/** What of a problem decides its name. */
export interface Named {
  type: string
  status: number
}

/** The name of the definition: by `types`, else by status (`about:blank`), else by the last part of the type under the base. */
export function problemName(problem: Named, { base, types = {} }: Naming): string {
  const mark = problem.type === ABOUT_BLANK ? problem.status : problem.type
  const given = Object.keys(types).find((name) => types[name] === mark)
  return given ?? standardName(problem) ?? nameUnder(base, problem.type) ?? 'UnknownProblem'
}

function standardName({ type, status }: Named): string | undefined {
  if (type === VALIDATION_FAILED) return 'ValidationFailed'
  return type === ABOUT_BLANK ? (STATUS_NAMES as Readonly<Record<number, string>>)[status] : undefined
}

// `https://errors.shop.example/out-of-credit` → `OutOfCredit`
function nameUnder(base: string | undefined, type: string): string | undefined {
  if (!base) return undefined
  const folder = asFolder(base)
  const segment = type.startsWith(folder) ? type.slice(folder.length) : ''
  if (!/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(segment)) return undefined
  return segment.replace(/(^|-)(.)/g, (_match, _dash, first: string) => first.toUpperCase())
}

// As the catalogue resolves it: `https://Errors.Shop.example` stands for `https://errors.shop.example/`.
function asFolder(base: string): string {
  const folder = base.endsWith('/') ? base : `${base}/`
  try {
    return new URL(folder).href
  } catch {
    return folder
  }
}
