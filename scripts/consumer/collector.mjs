// The command line as npm installs it: a project, a collector, an event. All files that it loads must be in the packages.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const program = 'node_modules/faultline/bin/faultline.js'
const data = mkdtempSync(join(tmpdir(), 'faultline-consumer-data-'))
const port = await freePort()
const env = { ...process.env, FAULTLINE_PUBLIC_URL: `http://127.0.0.1:${port}` }

const { dsn } = JSON.parse(await faultline('project', 'create', 'shop', '--json', '--data', data))
const collector = start('serve', '--host', '127.0.0.1', '--port', port, '--data', data)
collector.stdout.resume()
await untilReady()
console.log(await faultline('send', dsn))
collector.kill('SIGTERM')
const [exitCode] = await once(collector, 'exit')
rmSync(data, { recursive: true })
process.exitCode = exitCode ?? 1

function start(...args) {
  const stdio = ['ignore', 'pipe', 'inherit']
  return spawn(process.execPath, [program, ...args.map(String)], { env, stdio })
}

async function faultline(...args) {
  const child = start(...args)
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`faultline ${args[0]} ended with ${code}`)
  return said
}

async function untilReady() {
  for (;;) {
    if (collector.exitCode !== null) throw new Error(`faultline serve ended with ${collector.exitCode}`)
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}
