interface Warner {
  process?: { emitWarning?(message: string, options: { type: string; code: string }): void }
}

/** Tells the developer at start-up, where the runtime can: there is no request and no logger yet. */
export function warn(message: string): void {
  ;(globalThis as Warner).process?.emitWarning?.(message, {
    type: 'FaultlineWarning',
    code: 'FAULTLINE_CATALOGUE',
  })
}
