import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { devNull, hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import t from 'tap'
import { activeSpan, spanReader } from '../src/event/active-span.js'
import { COMMIT_VARIABLES } from '../src/event/commit-variables.js'
import { containerId } from '../src/event/container-id.js'
import { gitCommit } from '../src/event/git-commit.js'
import { sdk } from '../src/event/sdk.js'
import { type Places, surroundings } from '../src/event/surroundings.js'

const commit = '0123456789abcdef0123456789abcdef01234567'
const other = 'fedcba9876543210fedcba9876543210fedcba98'
const id = 'ab'.repeat(32)
const noGit = { '.git': 'nonsense' } // the nearest one counts, and tests run in a repository

const placesIn = (folder: string, mainScript?: string): Places => ({
  cwd: folder,
  mainScript: mainScript && join(folder, mainScript),
  proc: join(folder, 'proc'),
})

t.test('options come before our variables, and those before what others set', async (t) => {
  const folder = t.testdir({ ...noGit, 'package.json': '{ "name": "shop" }' })
  const read = (options: object, env: Record<string, string>) => surroundings(options, env, placesIn(folder))
  const ours = {
    FAULTLINE_SERVICE: 'orders',
    FAULTLINE_ENVIRONMENT: 'staging',
    FAULTLINE_RELEASE: '1.4.2',
    FAULTLINE_COMMIT: commit,
  }
  const others = { OTEL_SERVICE_NAME: 'otel', NODE_ENV: 'test', GITHUB_SHA: other }
  const options = { service: 'a', environment: 'b', release: 'c', commit: 'd' }
  t.match(read(options, { ...ours, ...others }), options)
  t.match(read({}, { ...ours, ...others }), {
    service: 'orders',
    environment: 'staging',
    release: '1.4.2',
    commit,
  })
  t.match(read({}, others), { service: 'otel', environment: 'test', release: 'fedcba987654', commit: other })
  t.strictSame(
    read({ service: '', release: undefined }, { FAULTLINE_SERVICE: '', NODE_ENV: ' ', GITHUB_SHA: '' }),
    {
      service: 'shop',
      environment: 'production',
      host: { name: hostname() },
      runtime: { name: 'node', version: process.versions.node },
      platform: 'node',
    },
  )
  for (const name of COMMIT_VARIABLES) t.equal(read({}, { [name]: commit }).commit, commit, name)
  t.notOk(
    'commit' in read({}, { BUILDKITE_COMMIT: 'HEAD', SOURCE_VERSION: 'arn:aws:s3:::b/k' }),
    'it is no commit',
  )
  t.match(surroundings(), { platform: 'node', service: /./ }, 'with nothing given')
})

t.test('a service is named after the package of its main script', async (t) => {
  const folder = t.testdir({
    ...noGit,
    'package.json': '{ "name": "root" }',
    node_modules: { tsx: { 'package.json': '{ "name": "tsx" }' } },
    orders: {
      'package.json': '{ "name": "@shop/orders" }',
      dist: {
        'package.json': '{ "type": "module" }',
        odd: { 'package.json': '{ "name": 7 }', esm: { 'package.json': 'broken' } },
      },
    },
  })
  const nameOf = (mainScript?: string) => surroundings({}, {}, placesIn(folder, mainScript)).service
  t.equal(nameOf('orders/dist/odd/esm/main.js'), '@shop/orders')
  t.equal(
    nameOf('node_modules/tsx/dist/cli.mjs'),
    'root',
    'a tool that starts the service is not the service',
  )
  t.equal(nameOf(undefined), 'root')
  t.equal(
    surroundings({}, {}, { cwd: '/nowhere', mainScript: undefined, proc: '' }).service,
    'unknown-service',
  )
})

t.test('the commit is read from git’s own files', async (t) => {
  const refs = { heads: { main: `${commit}\n`, topic: { a: `${other}\n` } } }
  const packed = `# pack-refs with: peeled fully-peeled sorted\n${other} refs/heads/main\n${commit} refs/heads/x\n^${other}\n`
  const commitIn = (git: object | string, from = 'src/deep') => {
    const folder = t.testdir({ src: { deep: {} } })
    write(folder, { '.git': git })
    return gitCommit(join(folder, from))
  }
  t.equal(commitIn({ HEAD: 'ref: refs/heads/main\n', refs }), commit)
  t.equal(commitIn({ HEAD: 'ref: refs/heads/topic/a\n', refs }), other)
  t.equal(commitIn({ HEAD: `${other}\n` }), other, 'detached')
  t.equal(commitIn({ HEAD: `${id}\n` }), id, 'SHA-256')
  t.equal(commitIn({ HEAD: 'ref: refs/heads/x\n', 'packed-refs': packed }), commit)
  t.equal(
    commitIn({ HEAD: 'ref: refs/heads/main\n', refs, 'packed-refs': packed }),
    commit,
    'loose before packed',
  )
  t.equal(
    commitIn({ HEAD: 'ref: refs/heads/s\n', refs: { heads: { ...refs.heads, s: 'ref: refs/heads/main' } } }),
    commit,
  )
  const worktree = { HEAD: 'ref: refs/heads/topic/a\n', commondir: '../..\n' }
  const linked = t.testdir({
    main: { '.git': { HEAD: 'ref: refs/heads/main', refs, worktrees: { w: worktree } } },
    w: {},
  })
  write(join(linked, 'w'), { '.git': `gitdir: ${linked}/main/.git/worktrees/w\n` })
  t.equal(gitCommit(join(linked, 'w')), other, 'a worktree')
  write(join(linked, 'w'), { '.git': 'gitdir: ../main/.git\n' })
  t.equal(gitCommit(join(linked, 'w')), commit, 'a submodule')

  for (const broken of [
    'nonsense',
    'gitdir: ../nowhere',
    {},
    { HEAD: '' },
    { HEAD: 'ref: refs/heads/unborn' },
    { HEAD: 'ref: refs/heads/.invalid', reftable: {} },
    { HEAD: 'ref: refs/heads/loop', refs: { heads: { loop: 'ref: refs/heads/loop' } } },
    { HEAD: 'ref: ../../package.json' },
    { HEAD: 'ref: refs/heads', refs },
    { HEAD: {} },
  ]) {
    t.equal(commitIn(broken), undefined, JSON.stringify(broken))
  }
})

t.test('git itself reads the same commit', { skip: !hasGit() }, async (t) => {
  const folder = t.testdir({ 'x.txt': 'x' })
  const env = { PATH: process.env.PATH, GIT_DEFAULT_REF_FORMAT: 'files', GIT_CONFIG_GLOBAL: devNull }
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com']
  const git = (...args: string[]) =>
    execFileSync('git', [...author, ...args], { cwd: folder, env, encoding: 'utf8' })
  git('init', '--quiet')
  t.equal(gitCommit(folder), undefined, 'nothing is committed')
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '-m', 'first')
  const head = git('rev-parse', 'HEAD').trim()
  t.equal(gitCommit(folder), head)
  git('pack-refs', '--all')
  t.equal(gitCommit(folder), head, 'packed')
  git('worktree', 'add', '--quiet', join(folder, 'tree'), '-b', 'topic')
  t.equal(gitCommit(join(folder, 'tree')), head, 'a worktree')
})

t.test('the container is known by the files that its runtime leaves', async (t) => {
  const idOf = (files: { cgroup?: string; mountinfo?: string }) => {
    const folder = t.testdir({})
    write(folder, files)
    return containerId(folder)
  }
  const mount = (source: string, at: string) =>
    `711 696 254:1 ${source} ${at} rw,relatime - ext4 /dev/vda1 rw\n`
  const layers = `690 560 0:60 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/${'cd'.repeat(32)}/diff\n`
  t.equal(idOf({ cgroup: `12:cpu,cpuacct:/docker/${id}\n11:pids:/docker/${id}\n` }), id, 'Docker')
  t.equal(idOf({ cgroup: `0::/system.slice/docker-${id}.scope\n` }), id, 'Docker with systemd')
  t.equal(idOf({ cgroup: `1:name=systemd:/kubepods/besteffort/pod90d8/${id}\n` }), id, 'Kubernetes')
  t.equal(
    idOf({ cgroup: `0::/kubepods.slice/kubepods-pod90.slice/cri-containerd-${id}.scope\n` }),
    id,
    'containerd',
  )
  t.equal(
    idOf({ cgroup: `0::/system.slice/containerd.service/kubepods-pod90.slice:cri-containerd:${id}\n` }),
    id,
  )
  t.equal(
    idOf({ cgroup: `0::/machine.slice/libpod-${id}.scope/container\n1:x:/crio-${id}.scope\n` }),
    id,
    'CRI-O',
  )
  t.equal(
    idOf({ cgroup: `9:perf_event:/ecs/${'0a'.repeat(16)}/${'0b'.repeat(16)}-1234567890\n` }),
    `${'0b'.repeat(16)}-1234567890`,
    'Fargate',
  )
  const docker = layers + mount(`/var/lib/docker/containers/${id}/resolv.conf`, '/etc/resolv.conf')
  const hostnameMount = mount(`/var/lib/docker/containers/${id}/hostname`, '/etc/hostname')
  t.equal(idOf({ cgroup: '0::/\n', mountinfo: docker + hostnameMount }), id, 'control groups 2')
  const podman = mount(`/containers/storage/overlay-containers/${id}/userdata/hostname`, '/etc/hostname')
  t.equal(idOf({ cgroup: '0::/\n', mountinfo: layers + podman }), id, 'Podman')
  t.equal(idOf({ cgroup: '0::/user.slice/session-3.scope\n', mountinfo: layers }), undefined, 'no container')
  t.equal(idOf({}), undefined)
  t.equal(idOf({ cgroup: `${'x'.repeat(70_000)}/${id}` }), undefined, 'reading is bounded')
  const folder = t.testdir({ proc: { cgroup: `0::/docker-${id}.scope\n` } })
  t.strictSame(surroundings({}, {}, placesIn(folder)).host, { name: hostname(), containerId: id })
})

t.test('the active span of OpenTelemetry is found', async (t) => {
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  const provider = new BasicTracerProvider()
  t.teardown(() => context.disable())
  const span = provider.getTracer('t').startSpan('s')
  const inside = <T>(run: () => T) => context.with(trace.setSpan(context.active(), span), run)
  const { traceId, spanId } = span.spanContext()
  t.equal(activeSpan(), undefined)
  t.strictSame(inside(activeSpan), { traceId, spanId })
  t.strictSame(await inside(async () => Promise.resolve().then(activeSpan)), { traceId, spanId })
  const invalid = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId, traceFlags: 1 })
  t.equal(context.with(trace.setSpan(context.active(), invalid), activeSpan), undefined)

  const folder = t.testdir({
    with: { node_modules: { '@opentelemetry': {} } },
    odd: { node_modules: { '@opentelemetry': { api: { 'index.js': 'throw new Error("odd")' } } } },
  })
  const api = join(fileURLToPath(import.meta.resolve('@opentelemetry/api')), '../../..')
  symlinkSync(api, join(folder, 'with/node_modules/@opentelemetry/api'))
  const bases = ['odd/x.js', 'with/x.js'].map((name) => join(folder, name))
  t.equal(inside(spanReader(bases.slice(0, 1))), undefined, 'one that cannot be loaded is none')
  t.strictSame(inside(spanReader(bases)), { traceId, spanId })
  t.equal(inside(spanReader([])), undefined)
})

t.test('events name this package and its version', async (t) => {
  t.match(sdk, { name: '@faultline/node', version: /^\d+\.\d+\.\d+/ })
})

function hasGit(): boolean {
  try {
    return execFileSync('git', ['--version']).length > 0
  } catch {
    return false
  }
}

function write(folder: string, files: object): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    if (typeof content === 'string') writeFileSync(path, content)
    else {
      mkdirSync(path)
      write(path, content as object)
    }
  }
}
