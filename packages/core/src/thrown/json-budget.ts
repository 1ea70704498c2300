/** How many bytes of JSON may still be written. Texts are clipped to what is left, and the clip can be seen. */
export class JsonBudget {
  #bytes: number

  /** @param bytes UTF-8 bytes of JSON. */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Bytes that may still be written; less than none when the last value was longer than was left. */
  get left(): number {
    return this.#bytes
  }

  get isSpent(): boolean {
    return this.#bytes <= 0
  }

  /** The beginning of a text that is worth looking at before it is clipped: what is cut off later was looked at in vain. */
  worthwhile(text: string, mostBytes = Number.POSITIVE_INFINITY): string {
    const most = 2 * Math.max(0, Math.min(this.#bytes, mostBytes))
    return text.length > most ? text.slice(0, most) : text
  }

  /** Pays for something that is no text: a number, a comma, a brace. */
  spend(bytes: number): void {
    this.#bytes -= bytes
  }

  /** The text, or its beginning and `…`, in at most `mostBytes` of what is left. */
  clip(text: string, mostBytes = Number.POSITIVE_INFINITY): string {
    const room = Math.max(0, Math.min(this.#bytes, mostBytes))
    const clipped = clipJson(text, room)
    this.#bytes -= jsonBytes(clipped) + 2
    return clipped
  }
}

const WORST_BYTES = 6 // \u0000

/** The longest beginning of a text whose JSON has at most so many bytes, with `…` where something was cut. */
export function clipJson(text: string, bytes: number): string {
  if (text.length * WORST_BYTES <= bytes) return text
  let used = 4 // the mark of the cut
  for (let i = 0; i < text.length; i++) {
    used += bytesOf(text.charCodeAt(i))
    if (used > bytes)
      return i === 0 ? '' : `${text.slice(0, isHighSurrogate(text.charCodeAt(i - 1)) ? i - 1 : i)}…`
  }
  return text
}

/** What has more than one byte; most text has little of it. */
const LONG_UNIT = /[^ !#-[\]-~]/g

function jsonBytes(text: string): number {
  let bytes = text.length
  while (LONG_UNIT.test(text)) bytes += bytesOf(text.charCodeAt(LONG_UNIT.lastIndex - 1)) - 1
  return bytes
}

/** An upper bound of the bytes of one UTF-16 unit in JSON; a pair of surrogates has four, a lone one is written as \uXXXX. */
function bytesOf(unit: number): number {
  if (unit < 0x20) return WORST_BYTES
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1
  if (unit < 0x800) return 2
  return unit >= 0xd800 && unit <= 0xdfff ? WORST_BYTES : 3
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
