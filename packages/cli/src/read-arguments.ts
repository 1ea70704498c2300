import { InvalidArgumentError } from 'commander'

// Throw what the parser says with the name of the argument.

export function readName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text.trim()
}

/** 0 is the collector's own. */
export function readProjectId(text: string): number {
  const id = Number(text)
  if (/^\d+$/.test(text) && id > 0 && Number.isSafeInteger(id)) return id
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

export function readKey(text: string): string {
  if (/^[\da-f]{32}$/i.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError('It must have 32 hexadecimal digits.')
}
