/** RFC 3339, UTC. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
