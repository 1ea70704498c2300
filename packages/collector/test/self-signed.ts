import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** For `skip`: only openssl makes certificates here. */
export const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

export interface CertificateFiles {
  tlsCert: string
  tlsKey: string
}

/** Makes a certificate for this machine in a folder. */
export function makeCertificate(folder: string, name = 'server'): CertificateFiles {
  const tlsCert = join(folder, `${name}.crt`)
  const tlsKey = join(folder, `${name}.key`)
  const subject = `-subj /CN=${name} -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 2`
  const kind = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  const args = `req ${kind} ${subject} -keyout ${tlsKey} -out ${tlsCert}`.split(' ')
  execFileSync('openssl', args, { stdio: 'ignore' })
  return { tlsCert, tlsKey }
}
