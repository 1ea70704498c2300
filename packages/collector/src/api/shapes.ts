import { Type } from '@sinclair/typebox'

// Parts of the schemas of several routes.

const MOST_IDS = 1000
/** Leaves room for those that are made after it; a Sentry project's has 16 digits. */
const GREATEST_ID = 9_000_000_000_000_000

export const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
export const Id = Type.Integer({ minimum: 1, maximum: GREATEST_ID })
export const Ids = Type.Array(Type.Integer({ minimum: 0, maximum: GREATEST_ID }), { maxItems: MOST_IDS })
