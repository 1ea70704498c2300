/** Carries a thrown value through a framework that takes it for "no error": `undefined`, `null`, `0`, `'route'`. */
class WrappedValue extends Error {
  readonly value: unknown

  constructor(value: unknown) {
    super('A value that is no error was thrown')
    this.value = value
  }
}

/** An error that the framework passes on; the error handler finds the value in it again. */
export function wrapThrown(value: unknown): Error {
  return new WrappedValue(value)
}

/** What was really thrown. */
export function unwrapThrown(value: unknown): unknown {
  try {
    return value instanceof WrappedValue ? value.value : value
  } catch {
    return value // a revoked proxy
  }
}
