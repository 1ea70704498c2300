import { isReportable } from '@faultline/core/adapter'

/**
 * What a callback says of an error: is it to be reported, tried again, counted? Without one, whatever is not a problem that its
 * catalogue leaves unreported. A callback that throws has said nothing, and must not hide the error.
 */
export function judge(error: unknown, callback: (error: unknown) => boolean = isReportable): boolean {
  try {
    return callback(error)
  } catch {
    return isReportable(error)
  }
}
