// Packs every publishable package and looks at the tarballs: are the entry points sound, is it all small enough?
// node scripts/pack.mjs [folder for the tarballs]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { packOne } from './pack-one.mjs'
import { bin, packageFolders, root, runQuietly } from './workspace.mjs'

const unpackedLimitBytes = 200_000
const weighedTogether = ['@faultline/core', '@faultline/fastify']
const clientLimitBytes = 3 * 1024

const given = process.argv[2]
const folder = given ?? mkdtempSync(join(tmpdir(), 'faultline-pack-'))
const problems = []

const packed = packageFolders().map(readManifest).filter(isPublishable).map(pack)
for (const { name, tarball } of packed) checkEntryPoints(name, tarball)
weigh(packed)
weighClient()

if (!given) rmSync(folder, { recursive: true, force: true })
for (const problem of problems) console.error(`✗ ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1

function readManifest(path) {
  return { path, ...JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) }
}

function isPublishable(manifest) {
  return !manifest.private
}

function pack({ path, name }) {
  const file = name.replace('@', '').replace('/', '-')
  const tarball = join(folder, `${file}.tgz`)
  packOne(path, tarball)
  const unpacked = join(folder, file)
  mkdirSync(unpacked)
  runQuietly('tar', ['-xzf', tarball, '-C', unpacked])
  const files = readdirSync(unpacked, { recursive: true }).map((entry) => join(unpacked, entry))
  const sizes = files.map((entry) => statSync(entry)).filter((stat) => stat.isFile())
  return { name, tarball, files: sizes.length, bytes: sizes.reduce((sum, stat) => sum + stat.size, 0) }
}

function checkEntryPoints(name, tarball) {
  inspect(name, 'publint', ['run', tarball, '--strict'])
  inspect(name, 'attw', [tarball, '--profile', 'esm-only', '--format', 'table-flipped', '--no-color'])
}

// Both tools say a lot when all is well.
function inspect(name, tool, args) {
  const done = spawnSync(join(bin, tool), args, { cwd: root, encoding: 'utf8' })
  if (done.status === 0) return console.log(`✓ ${tool} ${name}`)
  console.log(done.stdout, done.stderr)
  problems.push(`${tool} rejects ${name}`)
}

function weigh(all) {
  console.table(all.map(({ name, files, bytes }) => ({ name, files, 'unpacked kB': bytes / 1000 })))
  const total = all
    .filter((one) => weighedTogether.includes(one.name))
    .reduce((sum, one) => sum + one.bytes, 0)
  const verdict = `${weighedTogether.join(' + ')} unpack to ${total / 1000} kB (limit ${unpackedLimitBytes / 1000} kB)`
  console.log(verdict)
  if (total > unpackedLimitBytes) problems.push(verdict)
}

// What a browser downloads for `parseProblem`.
function weighClient() {
  const result = buildSync({
    stdin: { contents: "export * from '@faultline/core/client'", resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    // Left as they are, to be named below instead of failing one by one.
    external: ['node:*'],
    metafile: true,
    write: false,
    logLevel: 'error',
  })
  const bytes = gzipSync(result.outputFiles[0].contents).length
  const verdict = `@faultline/core/client bundles to ${bytes} bytes gzip (limit ${clientLimitBytes})`
  console.log(verdict)
  if (bytes > clientLimitBytes) problems.push(verdict)

  const foreign = [
    ...Object.values(result.metafile.outputs).flatMap((output) => output.imports.map((one) => one.path)),
    ...Object.keys(result.metafile.inputs).filter((input) => input.includes('node_modules')),
  ]
  for (const path of foreign) problems.push(`@faultline/core/client brings ${path} into the browser`)
}
