// Holds the rules of the house. Every rule is tried on a planted offence as well, so that none of them falls asleep.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import t from 'tap'

interface SourceFile {
  /** Relative to the root, with slashes. */
  path: string
  text: string
}

/** What is wrong, or undefined. The message says what to do instead. */
type Rule = (file: SourceFile, all: ReadonlyMap<string, SourceFile>) => string | undefined

const maxLines = 400

/** Who may import whom, by the name of the folder in packages/. */
const arrows: Record<string, readonly string[]> = {
  core: [],
  fastify: ['core'],
  express: ['core'],
  protocol: [],
  node: ['core', 'protocol'],
  collector: ['protocol', 'core', 'fastify'],
  dashboard: [],
  cli: ['collector', 'core', 'node', 'protocol'],
}

/** The folders of the Node SDK, by whom they may import. */
const nodeFolders: Record<string, readonly string[]> = {
  config: [],
  event: [],
  delivery: ['event'],
  reporter: ['config', 'event', 'delivery'],
  logger: ['config', 'event'],
  guard: ['config', 'event', 'reporter'],
  process: ['config', 'reporter'],
  start: ['config', 'logger', 'reporter', 'process'],
}

const stages = ['intake', 'queue', 'digest', 'store', 'alert', 'notify', 'workflow', 'api', 'access']
/** Stages whose interface every other stage may use. */
const openStages = ['queue', 'store']
/** All that lies beside the stages joins them, and a stage never looks up to it; but for the configuration, as a type. */
const sharedWithStages = ['config']

const vagueNames = ['utils', 'helpers', 'common', 'misc', 'manager', 'service', 'types']

const root = findRoot(import.meta.dirname)

const rules: Record<string, Rule> = {
  'packages import along the arrows': (file) => {
    const from = packageOf(file.path)
    if (!from || !file.path.includes('/src/')) return
    for (const specifier of importsOf(file.text)) {
      const to = packageNamed(specifier) ?? packageOf(resolveFrom(file.path, specifier))
      if (to === undefined || to === from || arrows[from]?.includes(to)) continue
      const allowed = arrows[from]?.join(', ') || 'no other package'
      return `imports ${to}, but ${from} may import ${allowed}: take it as an argument, or move the shared part down into core or protocol`
    }
  },

  'collector stages know only the queue and the store': (file) => {
    const from = stageOf(file.path)
    if (!from) return
    for (const specifier of importsOf(file.text)) {
      const target = resolveFrom(file.path, specifier)
      const to = stageOf(target)
      const isJoint =
        dirname(target) === 'packages/collector/src' && !sharedWithStages.includes(nameOf(target))
      if (!isJoint && (to === undefined || to === from || openStages.includes(to))) continue
      return `imports ${target}: a stage knows its own folder, queue/ and store/; hand the result on and let pipeline.ts join the stages`
    }
  },

  'the folders of the Node SDK import along their arrows': (file) => {
    const from = nodeFolderOf(file.path)
    if (!from) return
    for (const specifier of importsOf(file.text)) {
      const to = nodeFolderOf(resolveFrom(file.path, specifier))
      if (to === undefined || to === from || nodeFolders[from]?.includes(to)) continue
      return `imports ${to}, but ${from} may import ${nodeFolders[from]?.join(', ') || 'no other folder'}: take it as an argument, or move it to where both may look`
    }
  },

  'the client entry runs in a browser': (file, all) => {
    if (file.path !== clientEntry()) return
    const foreign = reachableImports(file, all).find(({ specifier }) => !specifier.startsWith('.'))
    if (!foreign) return
    return `reaches '${foreign.specifier}' through ${foreign.importer}: a browser loads this; use \`import type\`, or move the part that needs no import into a file of its own`
  },

  'files are short': (file) => {
    const lines = file.text.split('\n').length - 1
    if (!file.path.includes('/src/') || lines <= maxLines) return
    return `has ${lines} lines, the limit is ${maxLines}: move one concept with its tests into a file named after it`
  },

  'no test runs alone': (file) => {
    if (file.path === 'test/tidy.test.ts' || !/\.only\(|\bonly: true/.test(withoutComments(file.text))) return
    return `keeps the other tests from running: remove 'only'; to run one file, \`npm test -- ${file.path}\``
  },

  'nothing is left for later': (file) => {
    const marker = /\b(?:FIXME|TODO|XXX)\b/.exec(file.text)?.[0]
    if (file.path === 'test/tidy.test.ts' || !marker) return
    return `says ${marker}: do it now, or open an issue and say in the comment what holds today`
  },

  'libraries do not print': (file) => {
    if (!/^packages\/(?!cli\/)[^/]+\/src\//.test(file.path)) return
    const call = /\bconsole\.\w+/.exec(withoutComments(file.text))?.[0]
    if (!call) return
    return `calls ${call}: use the logger that was handed in, or return what happened to the caller`
  },

  'names say what is inside': (file) => {
    const parts = file.path.split('/').slice(1).map(nameOf)
    const vague = parts.find((part) => vagueNames.includes(part))
    if (!vague) return
    return `is called '${vague}', which could hold anything: name it after its main export, or move its parts to where they are used`
  },

  'file names are kebab-case': (file) => {
    if (/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(basename(file.path))) return
    return 'is not in kebab-case: name it after its main export, createErrorHandler → create-error-handler.ts'
  },

  'index.ts is a front door': (file) => {
    if (nameOf(file.path) !== 'index' || !/^packages\//.test(file.path)) return
    if (frontDoors(packageOf(file.path)).includes(file.path)) return
    return "is no entry point in its package.json: import the files themselves; an index.ts is a package's front door only"
  },

  'tests mirror the sources': (file) => {
    const [, home, folder] = /^(packages\/[^/]+)\/test\/(?:(.+)\/)?[^/]+\.test\.ts$/.exec(file.path) ?? []
    if (!home || !folder || existsSync(join(root, home, 'src', folder))) return
    return `tests a folder that does not exist: put it where the sources are, or make ${home}/src/${folder}`
  },
}

const planted: Record<keyof typeof rules, SourceFile> = {
  'packages import along the arrows': source(
    'packages/core/src/a.ts',
    "import type {\n  A,\n} from '@faultline/fastify'",
  ),
  'collector stages know only the queue and the store': source(
    'packages/collector/src/digest/a.ts',
    "import { send } from '../notify/send.js'",
  ),
  'the folders of the Node SDK import along their arrows': source(
    'packages/node/src/delivery/a.ts',
    "import { a } from '../reporter/a.js'",
  ),
  'the client entry runs in a browser': source(clientEntry(), "import { Type } from '@sinclair/typebox'"),
  'files are short': source('packages/core/src/a.ts', '\n'.repeat(maxLines + 1)),
  'no test runs alone': source('packages/core/test/a.test.ts', "t.only('this', () => {})"),
  'nothing is left for later': source('packages/core/src/a.ts', '// TODO: later'),
  'libraries do not print': source('packages/core/src/a.ts', "console.log('here')"),
  'names say what is inside': source('packages/core/src/utils/a.ts', ''),
  'file names are kebab-case': source('packages/core/src/errorHandler.ts', ''),
  'index.ts is a front door': source('packages/core/src/answer/index.ts', ''),
  'tests mirror the sources': source('packages/core/test/no-such-folder/a.test.ts', ''),
}

const alsoOffends: [keyof typeof rules, SourceFile][] = [
  [
    'packages import along the arrows',
    source('packages/express/src/a.ts', "import '../../fastify/src/index.js'"),
  ],
  [
    'packages import along the arrows',
    source('packages/protocol/src/a.ts', "const a = await import('faultline')"),
  ],
  [
    'collector stages know only the queue and the store',
    source('packages/collector/src/api/a.ts', "export { run } from '../pipeline.js'"),
  ],
  [
    'collector stages know only the queue and the store',
    source('packages/collector/src/digest/a.ts', "import { connect } from '../remote.js'"),
  ],
  ['the client entry runs in a browser', source(clientEntry(), "export { a } from 'node:util'")],
]

const innocent: [keyof typeof rules, SourceFile][] = [
  [
    'packages import along the arrows',
    source('packages/fastify/src/a.ts', "import { a } from '@faultline/core'"),
  ],
  [
    'packages import along the arrows',
    source('packages/core/src/a.ts', "/**\n * import { a } from '@faultline/fastify'\n */"),
  ],
  [
    'collector stages know only the queue and the store',
    source('packages/collector/src/digest/a.ts', "import type { Store } from '../store/store.js'"),
  ],
  [
    'collector stages know only the queue and the store',
    source('packages/collector/src/digest/grade/a.ts', "import type { SeverityRule } from '../../config.js'"),
  ],
  [
    'the client entry runs in a browser',
    source(clientEntry(), "import type { Static } from '@sinclair/typebox'"),
  ],
  ['libraries do not print', source('packages/cli/src/a.ts', "console.log('done')")],
  ['libraries do not print', source('packages/core/src/a.ts', '// console.log is not for us')],
]

t.test('every file keeps the rules of the house', (t) => {
  const files = readSources()
  t.ok(files.size > 0, 'finds the files')
  for (const [name, rule] of Object.entries(rules)) {
    const offences = [...files.values()].flatMap((file) => {
      const offence = rule(file, files)
      return offence ? [`${file.path} ${offence}`] : []
    })
    t.equal(offences.join('\n'), '', name)
  }
  t.end()
})

t.test('every rule catches its offence', (t) => {
  for (const [name, file] of [...Object.entries(planted), ...alsoOffends]) {
    t.type(rules[name]?.(file, new Map()), 'string', name)
  }
  for (const [name, file] of innocent) t.equal(rules[name]?.(file, new Map()), undefined, `${name}: innocent`)
  t.same(Object.keys(planted), Object.keys(rules), 'no rule goes untried')
  t.end()
})

t.test('every package has its place among the arrows', (t) => {
  for (const folder of readdirSync(join(root, 'packages'))) {
    t.ok(
      arrows[folder],
      `packages/${folder}: add it to \`arrows\` here and to the drawing of the architecture`,
    )
  }
  t.end()
})

function source(path: string, text: string): SourceFile {
  return { path, text }
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'pnpm-workspace.yaml')) ? folder : findRoot(dirname(folder))
}

function readSources(): Map<string, SourceFile> {
  const files = new Map<string, SourceFile>()
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory() && !['node_modules', 'dist', 'captures'].includes(entry.name)) visit(path)
      else if (entry.isFile() && /\.(?:[cm]?[jt]s|tsx)$/.test(entry.name)) {
        files.set(path, source(path, readFileSync(join(root, path), 'utf8')))
      }
    }
  }
  for (const shelf of ['packages', 'examples', 'scripts', 'test']) visit(shelf)
  return files
}

function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

function stageOf(path: string): string | undefined {
  const folder = /^packages\/collector\/src\/([^/]+)\//.exec(path)?.[1]
  return folder && stages.includes(folder) ? folder : undefined
}

function nodeFolderOf(path: string): string | undefined {
  return /^packages\/node\/src\/([^/]+)\//.exec(path)?.[1]
}

/** The folder of one of our own packages, from what an import names. */
function packageNamed(specifier: string): string | undefined {
  if (/^faultline(?:\/|$)/.test(specifier)) return 'cli'
  return /^@faultline\/([^/]+)/.exec(specifier)?.[1]
}

function nameOf(path: string): string {
  return basename(path).replace(/\..*$/, '')
}

function resolveFrom(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
}

/** Only comments that begin a line: '*' and '/' also meet inside of strings, in media types for example. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '')
}

/** What a file imports or exports from, `import()` and `require()` included. */
function importsOf(text: string, { erased = true } = {}): string[] {
  const code = withoutComments(text)
  const statements =
    /^\s*(?:import|export)\s+(type\s+(?!from\b)(?!,))?(?:[\w*{][^'"`;=()]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
  const calls = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g
  return [
    ...[...code.matchAll(statements)].filter(([, type]) => erased || !type).map(([, , from]) => from ?? ''),
    ...[...code.matchAll(calls)].map(([, from]) => from ?? ''),
  ]
}

/** Everything that is still imported once types are erased, from this file and all it leads to. */
function reachableImports(entry: SourceFile, all: ReadonlyMap<string, SourceFile>) {
  const found: { importer: string; specifier: string }[] = []
  const seen = new Set<string>()
  const visit = (file: SourceFile) => {
    if (seen.has(file.path)) return
    seen.add(file.path)
    for (const specifier of importsOf(file.text, { erased: false })) {
      found.push({ importer: file.path, specifier })
      const next = all.get(resolveFrom(file.path, specifier).replace(/\.js$/, '.ts'))
      if (next) visit(next)
    }
  }
  visit(entry)
  return found
}

function clientEntry(): string {
  return sourceOf('core', readExports('core')['./client'])
}

function frontDoors(folder = ''): string[] {
  const targets = existsSync(join(root, 'packages', folder, 'package.json')) ? readExports(folder) : {}
  return [
    `packages/${folder}/src/index.ts`,
    ...Object.values(targets).map((target) => sourceOf(folder, target)),
  ]
}

type ExportTarget = { default?: string } | string | undefined

function readExports(folder: string): Record<string, ExportTarget> {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')).exports ?? {}
}

function sourceOf(folder: string, target: ExportTarget): string {
  const output = typeof target === 'object' ? target.default : target
  return `packages/${folder}/${(output ?? '').replace('./dist/', 'src/').replace(/\.js$/, '.ts')}`
}
