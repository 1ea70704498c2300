/** Have two errors come of the same line of code, for the same reason? Of anything but errors nobody can tell. */
export function isSameFailure(one: unknown, other: unknown): boolean {
  try {
    return (
      one instanceof Error &&
      other instanceof Error &&
      one.constructor === other.constructor &&
      one.message === other.message &&
      firstFrame(one) === firstFrame(other)
    )
  } catch {
    return false // a getter of theirs, or a revoked proxy
  }
}

/** Expected problems have none. */
function firstFrame({ stack }: Error): string | undefined {
  return /^\s+at .+$/m.exec(String(stack))?.[0]
}
