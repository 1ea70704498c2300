/** What a client is configured with, in Sentry's form. */
export function dsnOf(key: { publicKey: string; projectId: number }, publicUrl: string): string {
  const url = new URL(publicUrl)
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.protocol}//${key.publicKey}@${url.host}${path}/${key.projectId}`
}
