import { apiErrors } from './errors.js'
import { readId } from './query.js'

/** @throws UnknownId for what cannot be one */
export function idOf(text: string, noun: string): number {
  const id = readId(text)
  if (id === undefined) throw unknownId(noun, text)
  return id
}

export function unknownId(noun: string, id: string | number): Error {
  return new apiErrors.UnknownId({ detail: `There is no ${noun} ${id}.` })
}
