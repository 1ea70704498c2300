import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hasSchemathesis, runSchemathesis } from './client-programs.js'
import { runCollector } from './running-collector.js'

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
].join()
const SEED = 20_261_124
const EXAMPLES = 20

interface OpenApi {
  paths: Record<string, Record<string, unknown>>
}

const skip = hasSchemathesis() || process.env.CI ? false : 'python3 with pip and a registry are needed'

t.test('no answer is outside of the OpenAPI document, and none is a 5xx', { skip }, async (t) => {
  const collector = await runCollector(t)
  for (const message of ['no money', 'no stock']) await send(collector, message)
  await collector.drain()
  const document = await collector.ask<OpenApi>('/api/v1/openapi.json')
  const file = join(t.testdir(), 'openapi.json')
  writeFileSync(file, JSON.stringify(document))
  const token = await collector.createToken({ name: 'schemathesis', role: 'admin' })
  const said = await runSchemathesis(
    ['run', file, '--url', collector.url, '--header', `authorization: Bearer ${token}`]
      .concat(['--checks', CHECKS, '--max-examples', String(EXAMPLES), '--seed', String(SEED)])
      .concat(['--generation-database', 'none']),
  ).catch((failed: { stdout: string; message: string }) => {
    t.fail(`seed ${SEED}`, { said: failed.stdout?.slice(-6000) ?? failed.message })
    return failed.stdout ?? ''
  })
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path)).length
  t.match(said, new RegExp(`Tested: ${operations}\\n`), `all ${operations} operations were tried`)
})

async function send(
  { url, projectId, publicKey }: { url: string; projectId: number; publicKey: string },
  message: string,
) {
  const response = await fetch(`${url}/api/${projectId}/store/?sentry_key=${publicKey}`, {
    method: 'POST',
    body: JSON.stringify({ message, level: 'error', tags: { region: 'eu' }, user: { id: 'u1' } }),
  })
  if (!response.ok) throw new Error(await response.text())
}
