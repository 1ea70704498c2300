// Ends with 0 when the collector beside it is ready: the HEALTHCHECK of the image, which has no curl.
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

const { FAULTLINE_PORT: port = '8600', FAULTLINE_TLS_CERT } = process.env
const options = { host: '127.0.0.1', port, path: '/health/ready', timeout: 4000 }
// The certificate is for the name by which clients know the collector, not for this address.
const request = FAULTLINE_TLS_CERT ? getHttps({ ...options, rejectUnauthorized: false }) : getHttp(options)

request.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
request.on('timeout', () => request.destroy(new Error('no answer in four seconds')))
request.on('error', ({ message }) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
})
