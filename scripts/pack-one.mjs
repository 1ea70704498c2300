// One package as npm would get it: a file for each entry point and one for what they share, without comments and white space, and
// only the declarations that an entry point leads to. Names stay, so that a stack trace still says where.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { root, runQuietly } from './workspace.mjs'

/** Their size has a limit. */
const weighed = ['@faultline/core', '@faultline/fastify']
/** Files that are started, and that no entry point leads to: threads, and what `bin` loads. */
const programs = {
  '@faultline/collector': ['dist/digest-worker.js', 'dist/query-worker.js'],
  faultline: ['dist/main.js'],
}

/** Writes the tarball of a package, and gives its manifest. */
export function packOne(path, tarball) {
  const stage = mkdtempSync(join(tmpdir(), 'faultline-stage-'))
  const from = join(root, path)
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  for (const name of ['package.json', 'README.md', ...files])
    cpSync(join(from, name), join(stage, name), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  symlinkSync(join(from, 'node_modules'), join(stage, 'node_modules')) // where pnpm looks up what `workspace:^` means
  const manifest = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8'))
  const entries = Object.values(manifest.exports).filter((entry) => entry.default)
  const declarations = reachable(entries.map((entry) => join(stage, entry.types)))
  for (const file of filesIn(join(stage, 'dist'))) if (!declarations.has(file)) rmSync(file)
  bundle(
    manifest.name,
    [...entries.map((entry) => entry.default), ...(programs[manifest.name] ?? [])].map((file) =>
      join(from, file),
    ),
    join(stage, 'dist'),
  )
  mkdirSync(dirname(tarball), { recursive: true })
  runQuietly('npx', ['--yes', 'pnpm@10.34.9', 'pack', '--out', tarball], { cwd: stage })
  rmSync(stage, { recursive: true })
  return manifest
}

function bundle(name, entryPoints, outdir) {
  buildSync({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    legalComments: 'none',
    // the others are not weighed, and of a mistake at start Node prints the line that has thrown it
    minifyWhitespace: weighed.includes(name),
    minifySyntax: true,
    chunkNames: 'shared-[hash]',
    logLevel: 'error',
  })
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** The declarations that these ones import, directly or not. */
function reachable(entries) {
  const seen = new Set()
  const visit = (file) => {
    if (seen.has(file) || !existsSync(file)) return
    seen.add(file)
    const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import|import\()\s*['"](\.[^'"]+)\.js['"]/g)
    for (const [, specifier] of imports) visit(resolve(dirname(file), `${specifier}.d.ts`))
  }
  for (const entry of entries) visit(entry)
  return seen
}
