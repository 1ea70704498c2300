import type { ProblemDefinition, ResolvedDefinition } from './definition.js'
import type { ReservedMember } from './problem-details.js'
import type { ProblemError, ProblemOptions } from './problem-error.js'

/**
 * The type of the data that a schema describes. A schema is known by its shape, never by a class of one library:
 * TypeBox 0.34 has `static`, any Standard Schema has `~standard`.
 */
export type DataOf<Schema> = Schema extends { static: infer Data }
  ? Data
  : Schema extends { '~standard': { types?: infer Types } }
    ? NonNullable<Types> extends { output: infer Data }
      ? Data
      : Record<string, unknown>
    : Record<string, never>

/** A definition beside the schema of its extension members. */
export interface Definition<Schema> extends ProblemDefinition<DataOf<Schema>> {
  /** Object schema of the extension members: TypeBox, or a Standard Schema that is JSON Schema as well. */
  extensions?: Schema
}

/** The header that RFC 9110 demands of a status, unless the definition already has it. */
type MissingHeader<Status, Given> = Status extends 401 | 407
  ? Unless<Given, 'challenge'>
  : Status extends 405
    ? Unless<Given, 'allow'>
    : Status extends 426
      ? Unless<Given, 'upgrade'>
      : never

type Unless<Given, Key extends keyof ProblemOptions> = Given extends { [K in Key]: unknown } ? never : Key

type OptionsArgument<Required extends keyof ProblemOptions> = [Required] extends [never]
  ? [options?: ProblemOptions]
  : [options: ProblemOptions & { [K in Required]-?: NonNullable<ProblemOptions[K]> }]

type ConstructorArguments<Schema, Status, Given> = unknown extends Schema
  ? OptionsArgument<MissingHeader<Status, Given>>
  : [extensions: DataOf<Schema>, ...options: OptionsArgument<MissingHeader<Status, Given>>]

/** What a class of a catalogue makes: told apart by `name`, typed in `status` and `extensions`. */
export type CatalogueError<Name, Status, Data> = ProblemError & {
  readonly name: Name
  readonly status: Status
  readonly extensions: Data
}

/** A class of a catalogue. Extensions come first, if the definition has any, then the options. */
export interface ProblemClass<Name, Schema, Status, Given> {
  new (...args: ConstructorArguments<Schema, Status, Given>): CatalogueError<Name, Status, DataOf<Schema>>
  readonly definition: ResolvedDefinition
  /** Is it an error of this definition, from whatever copy of this package? Never throws. */
  is(value: unknown): value is CatalogueError<Name, Status, DataOf<Schema>>
}

type ReservedIn<Schema> = string extends keyof DataOf<Schema>
  ? never
  : Extract<keyof DataOf<Schema>, ReservedMember>

type UnknownKeys<Given> = Exclude<keyof Given, keyof Definition<unknown>>

/** Turns a reserved extension and a misspelt key of a definition into compile-time errors that name them. */
export type Guard<Schemas, Given> = {
  [K in keyof Schemas]: ([ReservedIn<Schemas[K]>] extends [never]
    ? unknown
    : {
        extensions: `'${ReservedIn<Schemas[K]> & string}' is a member of every problem and cannot be an extension`
      }) &
    (K extends keyof Given ? { [Key in UnknownKeys<Given[K]>]: never } : unknown)
}

/** A record of `ProblemError` subclasses, with those of the included catalogues that it does not replace. */
export type Catalogue<Schemas, Statuses, Given, Included> = {
  readonly [K in keyof Schemas & string]: ProblemClass<
    K,
    Schemas[K],
    K extends keyof Statuses ? Statuses[K] : number,
    K extends keyof Given ? Given[K] : unknown
  >
} & Omit<Merged<Included>, keyof Schemas>

/** One catalogue, or all of a list. */
type Merged<Included> = Included extends readonly (infer One)[] ? Intersected<One> : Included

type Intersected<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never
