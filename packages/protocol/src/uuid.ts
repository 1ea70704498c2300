const UUID = /^(?:urn:uuid:)?([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/i

/** The 32 hexadecimal digits, in lower case, of a UUID in any spelling or of `urn:uuid:…`; `undefined` for what is none. */
export function uuidDigits(text: string): string | undefined {
  return UUID.exec(text)?.slice(1).join('').toLowerCase()
}
