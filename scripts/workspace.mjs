// What every script needs: run a program, install, build. Plain JavaScript, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
export const bin = join(root, 'node_modules/.bin')
/** Node 24, from the registry, whatever the machine's own Node is. */
export const node = join(bin, 'node')

/** Runs a program in the foreground and gives its exit code. */
export function run(program, args, { cwd = root, env = {} } = {}) {
  const done = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' })
  return done.status ?? 1
}

/** Runs a program without a word; on failure shows what it said and ends this process with its code. */
export function runQuietly(program, args, { cwd = root, env = {}, input } = {}) {
  const done = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, input, encoding: 'utf8' })
  if (done.status === 0) return done.stdout
  process.stderr.write(
    `${program} ${args.join(' ')}\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}\n`,
  )
  process.exit(done.status || 1)
}

/** Like `run`, and hands every line of the output to `onLine` as well. */
export function runAndRead(program, args, onLine) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let rest = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const installArgs = ['--yes', 'pnpm@10.34.9', 'install', '--frozen-lockfile', '--prefer-offline']

/** Installs what the lockfile says; does nothing when that is installed already. */
export function setup() {
  const wanted = join(root, 'pnpm-lock.yaml')
  const installed = join(root, 'node_modules/.pnpm/lock.yaml')
  if (existsSync(node) && existsSync(installed) && isSame(installed, wanted)) return
  process.stderr.write('Installing what the lockfile says: the first time that takes a minute.\n')
  runQuietly('npx', installArgs)
}

// pnpm leaves a copy of the lockfile it installed.
function isSame(installed, wanted) {
  return readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8')
}

/** Folders of all packages and examples, relative to the root. */
export function packageFolders() {
  return ['packages', 'examples'].flatMap((shelf) =>
    readdirSync(join(root, shelf), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, shelf, entry.name, 'tsconfig.json')))
      .map((entry) => `${shelf}/${entry.name}`),
  )
}

/** Compiles packages and examples; gives tsc's exit code. */
export function build(project = 'tsconfig.json') {
  for (const folder of packageFolders()) dropStaleOutput(join(root, folder))
  return run(join(bin, 'tsc'), ['-b', project])
}

// tsc never deletes: output of a renamed source would still be packed, and a deleted dist still count as built.
function dropStaleOutput(folder) {
  const dist = join(folder, 'dist')
  if (!existsSync(dist)) return rmSync(join(folder, '.tsbuildinfo'), { force: true })
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const output = join(entry.parentPath ?? entry.path, entry.name)
    const source = output.replace(dist, join(folder, 'src')).replace(/(\.d)?\.[jt]s$/, '')
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(output)
  }
}

/** Ends the process with the code of the first step that fails. */
export function mustPass(exitCode) {
  if (exitCode !== 0) process.exit(exitCode)
}
