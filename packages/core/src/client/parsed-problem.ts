import type { ValidationIssue } from '../catalogue/problem-details.js'
import type { StatusNames } from '../catalogue/status-names.js'

/** A catalogue, as far as a client needs to know it: `typeof problems`. */
export type CatalogueType = Readonly<
  Record<string, abstract new (...args: never[]) => { readonly status: number; readonly extensions: unknown }>
>

/** A problem as it was read from a response. A plain object: it can be cloned, stored and thrown. */
export interface Parsed<Name extends string, Status extends number, Extensions> {
  /** Name of the definition; the member to tell problems apart by. */
  name: Name
  type: string
  title: string
  /** The status of the response; the member `status` of the body is only a copy of it. @see RFC 9457 §3.1.2 */
  status: Status
  detail?: string
  instance?: string
  extensions: Extensions
  /** What a validation found. */
  errors?: ValidationIssue[]
  /** There were more `errors` than are listed. */
  truncated?: boolean
  traceId?: string
  /** When to try again, from `Retry-After`. A browser sees that header only if the service exposes it (CORS). */
  retryAfterSeconds?: number
  /** Another service's problem: an error handler answers 502 when it is thrown as it is. */
  origin: 'remote'
}

/** A problem that the catalogue does not define. */
export type UnknownProblem = Parsed<'UnknownProblem', number, Record<string, unknown>>

/** What a class of a catalogue becomes on the client. */
export type ParsedInstance<Name extends string, Class> = Class extends abstract new (
  ...args: never[]
) => { readonly status: infer Status extends number; readonly extensions: infer Extensions }
  ? Parsed<Name, Status, DeclaredExtensions<Extensions>>
  : never

/** The extension members that a definition declares; without any, whatever there is. */
export type DeclaredExtensions<Extensions> = keyof WithoutIndex<Extensions> extends never
  ? Record<string, unknown>
  : WithoutIndex<Extensions>

// An error's extensions can be read under any name; only the declared ones are promised.
type WithoutIndex<Extensions> = {
  [Key in keyof Extensions as string extends Key ? never : Key]: Extensions[Key]
}

/** The problems of a catalogue, told apart by `name`; then the standard ones, which need no definition; then the unknown. */
export type ParsedProblem<Catalogue extends CatalogueType = Record<never, never>> =
  | { [Name in keyof Catalogue & string]: ParsedInstance<Name, Catalogue[Name]> }[keyof Catalogue & string]
  | StandardExcept<keyof Catalogue>
  | UnknownProblem

type StandardExcept<Defined> =
  | {
      [Status in keyof StatusNames]: StatusNames[Status] extends Defined
        ? never
        : Parsed<StatusNames[Status], Status, Record<string, unknown>>
    }[keyof StatusNames]
  | ('ValidationFailed' extends Defined ? never : Parsed<'ValidationFailed', number, Record<string, unknown>>)
