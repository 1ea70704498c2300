import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'
import { CannotStart } from './cannot-start.js'
import type { CollectorConfig } from './config.js'

/** A renewed certificate may wait so long; the old one is good for weeks then. */
const LOOK_MS = 60_000

type TlsFiles = Pick<CollectorConfig, 'tlsCert' | 'tlsKey'>

export interface Certificate {
  cert: Buffer
  key: Buffer
}

/**
 * What the server shows its clients; `undefined` where it speaks http.
 * @throws CannotStart
 */
export function readCertificate({ tlsCert, tlsKey }: TlsFiles): Certificate | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return
  const certificate = { cert: read('tlsCert', tlsCert), key: read('tlsKey', tlsKey) }
  try {
    createSecureContext(certificate)
  } catch (cause) {
    const why = (cause as Error).message.replace(/^error:\w*:/, '')
    const text = `The certificate ${tlsCert} and the key ${tlsKey} (tlsCert, tlsKey) are no pair of PEM files: ${why}.`
    throw new CannotStart(text, { cause })
  }
  return certificate
}

/**
 * Looks every minute whether the files have changed, and takes what is there then: who renews them need not tell us.
 * While they are no pair, for instance half renewed, the old certificate goes on.
 * @returns what ends it
 */
export function followCertificate(
  server: Server,
  files: TlsFiles,
  { log, everyMs = LOOK_MS }: { log: Pick<FastifyBaseLogger, 'info' | 'warn'>; everyMs?: number },
): () => void {
  let taken = readCertificate(files)
  if (taken === undefined) return () => undefined
  const look = () => {
    try {
      const found = readCertificate(files)
      if (found === undefined || isDeepStrictEqual(found, taken)) return
      ;(server as TlsServer).setSecureContext(found)
      taken = found
      log.info('The renewed certificate is in use.')
    } catch (err) {
      log.warn({ err }, 'The renewed certificate cannot be used: the old one goes on.')
    }
  }
  const timer = setInterval(look, everyMs).unref()
  return () => clearInterval(timer)
}

function read(key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw new CannotStart(`${key} cannot be read from ${file}: ${why}.`, { cause })
  }
}
