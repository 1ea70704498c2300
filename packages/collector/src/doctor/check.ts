/** What was looked at, and what was found. */
export interface Check {
  name: string
  /** `warning`: it goes on, but somebody should look. */
  state: 'ok' | 'warning' | 'failed'
  /** A sentence, with the way out where something is wrong. */
  message: string
}

export function ok(name: string, message: string): Check {
  return { name, state: 'ok', message }
}

export function warning(name: string, message: string): Check {
  return { name, state: 'warning', message }
}

export function failed(name: string, message: string): Check {
  return { name, state: 'failed', message }
}
