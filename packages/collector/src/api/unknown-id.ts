import { apiErrors } from './errors.js'

/** A Sentry project's number has 16 digits. @throws UnknownId for what cannot be an id */
export function idOf(text: string, noun: string): number {
  const id = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(id)) throw unknownId(noun, text)
  return id
}

export function unknownId(noun: string, id: string | number): Error {
  return new apiErrors.UnknownId({ detail: `There is no ${noun} ${id}.` })
}
