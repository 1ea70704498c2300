import { Batch } from './batch.js'
import { ErrorEvent } from './error-event.js'

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** The JSON Schema of an error event; the same as in `schemas/error-event-v1.json`. */
export const errorEventSchema: JsonSchema = {
  $schema: DIALECT,
  $id: 'urn:faultline:schemas:error-event:v1',
  title: 'ErrorEvent',
  ...ErrorEvent,
}

/** The JSON Schema of a batch; the same as in `schemas/batch-v1.json`. */
export const batchSchema: JsonSchema = {
  $schema: DIALECT,
  $id: 'urn:faultline:schemas:batch:v1',
  title: 'Batch',
  ...Batch,
}
