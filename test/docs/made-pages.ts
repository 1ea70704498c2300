// The pages that `npm run docs` makes; a test compares them with the ones that are there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig, startCollector } from '@faultline/collector'
import { pino } from 'pino'
import { apiPage, type OpenApi } from './api-page.js'
import { cliPage } from './cli-page.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** By their paths below the root. */
export async function madePages(): Promise<Record<string, string>> {
  const cli = 'docs/reference/cli.md'
  return {
    [cli]: await cliPage(root, readFileSync(join(root, cli), 'utf8')),
    'docs/reference/api.md': apiPage(await openApi()),
  }
}

async function openApi(): Promise<OpenApi> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-docs-'))
  const config = {
    ...loadConfig({ env: {}, folder }),
    host: '127.0.0.1',
    port: 0,
    data: join(folder, 'data'),
  }
  const collector = await startCollector(config, { log: pino({ level: 'silent' }) })
  try {
    const authorization = `Bearer ${await collector.createToken({ name: 'docs', role: 'viewer' })}`
    const answer = await fetch(`${collector.url}/api/v1/openapi.json`, { headers: { authorization } })
    return (await answer.json()) as OpenApi
  } finally {
    await collector.close()
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [page, text] of Object.entries(await madePages())) writeFileSync(join(root, page), text)
