import { tell } from '../handler/ask.js'
import type { Reporter } from '../reporting/reporter.js'

/**
 * Has a reporter count one answered request, if it counts at all. What fails there is lost, for there is no error to log it with.
 * @param route The pattern that matched; requests that no route has answered are counted under `''`.
 */
export function countRequest(reporter: Reporter, route: string | undefined, statusCode: number): void {
  tell('countRequest', () => reporter.countRequest?.(route ?? '', statusCode), ignore)
}

function ignore(): void {}
