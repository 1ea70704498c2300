// The documentation is true: its code compiles and runs, its answers are the real ones, its links lead somewhere.
// A block of ts or js is a whole module: ts is type-checked, both are run; `ts unchecked` is left alone. Where a block listens, the
// curl lines of the sh block behind it are asked, and the json block behind that one is the answer to the last of them.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { loadConfig } from '@faultline/collector'
import type { TObject } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { accessErrors } from '../packages/collector/src/access/errors.js'
import { apiErrors } from '../packages/collector/src/api/errors.js'
import { healthErrors } from '../packages/collector/src/api/health.js'
import { ROUTE_ROLES } from '../packages/collector/src/api/route-roles.js'
import { CollectorConfig } from '../packages/collector/src/config.js'
import { intakeErrors } from '../packages/collector/src/intake/errors.js'
import { SEARCH_KEY_NAMES } from '../packages/collector/src/store/search/search-keys.js'
import { coreErrors } from '../packages/core/src/errors.js'
import { SENSITIVE_LAST_WORDS, SENSITIVE_WORDS } from '../packages/core/src/redaction/sensitive.js'
import { fastifyErrors } from '../packages/fastify/src/errors.js'
import { CONFIG_ENTRIES, type ConfigEntry } from '../packages/node/src/config/config-schema.js'
import { nodeErrors } from '../packages/node/src/errors.js'
import { madePages } from './docs/made-pages.js'
import { slowPrice } from './docs/slow-price.js'
import { stockedCollector } from './docs/stocked-collector.js'

interface Block {
  /** `README.md:12` */
  at: string
  language: string
  marks: string
  code: string
}

/** A module, and what the text says of it. */
interface Program extends Block {
  requests: string[]
  answer: string | undefined
  /** Where it lies for the run. */
  script: string
}

const root = findRoot(import.meta.dirname)
const workshop = join(root, '.build/docs')
const programMs = 30_000
const readmes = ['README.md', ...folders('packages').map((folder) => `${folder}/README.md`)].filter(exists)
const pages = [...readmes, 'CONTRIBUTING.md', ...markdownIn('docs'), ...markdownIn('examples')].filter(
  (page) => !page.startsWith('docs/bench/'),
)

t.setTimeout(120_000) // some fifty programs, each a process

rmSync(workshop, { recursive: true, force: true })
mkdirSync(workshop, { recursive: true })
const programs = [...readmes, ...markdownIn('docs/guides')].flatMap(programsOf)

t.test('there is code to check', async (t) => {
  t.ok(programs.length > 20, `${programs.length} programs`)
})

t.test('code of type ts compiles', async (t) => {
  const typed = programs.filter((program) => program.language === 'ts')
  for (const program of typed) writeFileSync(sourceOf(program), program.code)
  const compiled = ts.createProgram(typed.map(sourceOf), compilerOptions())
  const mistakes = ts.getPreEmitDiagnostics(compiled).map((mistake) => describe(mistake, typed))
  t.strictSame(mistakes, [])
  compiled.emit()
})

t.test('code runs, and answers as the text says', { jobs: 2 }, async (t) => {
  for (const program of programs) {
    if (program.language === 'js') writeFileSync(program.script, program.code)
    t.test(program.at, (t) => runAndAsk(t, program))
  }
})

t.test('links lead somewhere', async (t) => {
  for (const page of pages) t.strictSame(deadLinks(page), [], page)
})

t.test('files that the text names are there', async (t) => {
  for (const page of pages) t.strictSame(missingFiles(page), [], page)
})

t.test('docs/path-of-an-error.md shows what the example says', async (t) => {
  const shown = new Map(blocksOf('docs/path-of-an-error.md').map(({ marks, code }) => [marks.trim(), code]))
  const real = await slowPrice(t)
  for (const [name, value] of Object.entries(real)) {
    t.hasStrict(withoutChance(value), withoutChance(JSON.parse(shown.get(name) ?? '{"shown":false}')), name)
  }
})

t.test('docs/errors.md has a section for each error of ours, and no other', async (t) => {
  const ofCollector = { ...intakeErrors, ...accessErrors, ...apiErrors, ...healthErrors }
  const errors = Object.entries({ ...coreErrors, ...fastifyErrors, ...nodeErrors, ...ofCollector })
  t.strictSame(headings('docs/errors.md', 2).sort(), errors.map(([name]) => name).sort())
  const text = read('docs/errors.md')
  for (const [name, Problem] of errors) {
    const { type } = (Problem as unknown as { definition: { type: string } }).definition
    t.ok(text.includes(`\`${type}\``), `${name}: ${type}`)
  }
  for (const file of catalogueFiles()) t.ok(text.includes(`\`${file}\``), file)
})

/** Every file of a package that declares errors: another one has to be named here, and imported above. */
function catalogueFiles(): string[] {
  const sources = folders('packages').flatMap((folder) => filesIn(`${folder}/src`, '.ts'))
  return sources.filter(
    (file) => file.endsWith('/errors.ts') || /\bbase: 'urn:faultline:errors:'/.test(read(file)),
  )
}

/** Where the options of each page are declared. */
const optionsOn = {
  'docs/reference/options.md': {
    ErrorHandlerOptions: 'packages/core/src/handler/options.ts',
    Limits: 'packages/core/src/handler/options.ts',
    ErrorPluginOptions: 'packages/fastify/src/plugin-options.ts',
    ErrorMiddlewareOptions: 'packages/express/src/error-middleware.ts',
    CatalogueOptions: 'packages/core/src/catalogue/define-problems.ts',
    ProblemDefinition: 'packages/core/src/catalogue/definition.ts',
  },
  'docs/reference/node.md': {
    StartOptions: 'packages/node/src/start/start-faultline.ts',
    ReporterOptions: 'packages/node/src/reporter/reporter-options.ts',
    ProcessErrorOptions: 'packages/node/src/process/catch-process-errors.ts',
    CaptureContext: 'packages/node/src/guard/capture-error.ts',
    GuardOptions: 'packages/node/src/guard/guard-options.ts',
    RetryOptions: 'packages/node/src/guard/retry.ts',
    CircuitBreakerOptions: 'packages/node/src/guard/circuit-breaker.ts',
    LoggerOptions: 'packages/node/src/logger/logger-options.ts',
  },
}

for (const [page, interfaces] of Object.entries(optionsOn)) {
  t.test(`${page} has a row for each option, and no other`, async (t) => {
    const sections = tablesBySection(page)
    for (const [name, file] of Object.entries(interfaces)) {
      t.strictSame((sections.get(name) ?? []).sort(), membersOf(name, file).sort(), name)
    }
  })
}

t.test('docs/reference/node.md has the variables as the schema has them', async (t) => {
  t.strictSame(
    tableUnder('docs/reference/node.md', '| variable'),
    CONFIG_ENTRIES.map(([name, entry]) => variableRow(name, entry)),
  )
})

t.test('docs/guides/collector.md has the configuration as the schema has it', async (t) => {
  t.strictSame(tableUnder('docs/guides/collector.md', '| key | variable'), configRows(CollectorConfig))
})

t.test('docs/guides/collector.md shows a configuration without mistakes', async (t) => {
  const [{ code } = { code: '' }] = blocksOf('docs/guides/collector.md').filter(
    ({ language }) => language === 'yaml',
  )
  const file = join(t.testdir({ 'faultline.config.yaml': code }), 'faultline.config.yaml')
  t.match(loadConfig({ file, env: {} }), { publicUrl: String, severityRules: [{}] })
})

t.test('docs/guides/collector.md has every metric, and no other', async (t) => {
  const rows = tableUnder('docs/guides/collector.md', '| metric ')
  const shown = rows.map((row) => /^\| `(\w+)` \| (\w+) \|/.exec(row)?.slice(1).join(' ')).sort()
  t.strictSame(shown, read('test/golden/metrics.txt').trim().split('\n'))
})

t.test('docs/guides/collector.md has every condition of a severity rule, and no other', async (t) => {
  const rows = tableUnder('docs/guides/collector.md', '| condition ')
  const rule = CollectorConfig.properties.severityRules.items
  t.strictSame(firstCells(rows), Object.keys(rule.properties))
})

t.test('docs/guides/logging.md has every word of the list', async (t) => {
  const rows = tableUnder('docs/guides/logging.md', '| keys ')
  const said = rows.map((row) => row.split('|')[1]?.replaceAll(' ', '')).join()
  for (const word of [...SENSITIVE_WORDS, ...SENSITIVE_LAST_WORDS]) t.ok(said.includes(word), word)
})

t.test('docs/reference/query-api.md is what a collector answers', async (t) => {
  const page = 'docs/reference/query-api.md'
  const { collector, token, ask: askApi } = await stockedCollector(t)
  const port = Number(new URL(collector.url).port)
  const shown = blocksOf(page)
  for (const [index, { language, code }] of shown.entries()) {
    if (language !== 'sh') continue
    const response = await ask(withoutVariable(code.trim(), token), port)
    const next = shown[index + 1]
    const expected = next?.language === 'json' ? JSON.parse(next.code) : {}
    t.equal(response.status, expected.status ?? 200, code)
    t.hasStrict(withoutChance(await response.json()), withoutChance(expected), code)
  }

  const searches = firstCells(tableUnder(page, '| search '))
  for (const search of searches) {
    const { items } = await askApi(`/issues?query=${encodeURIComponent(search)}`)
    t.match(items, [{ shortId: String }], `${search} finds something`)
  }
  for (const key of SEARCH_KEY_NAMES)
    t.ok(searches.some((search) => search.replace(/^-/, '').startsWith(`${key}:`)) || key === 'assigned', key)
})

t.test('docs/reference/api.md has every address', async (t) => {
  const text = read('docs/reference/api.md')
  for (const route of Object.keys(ROUTE_ROLES)) t.ok(text.includes(`\`${documented(route)}\``), route)
})

function documented(route: string): string {
  return route.replace(' ', ' /api/v1').replace(/:(\w+)/g, '{$1}')
}

t.test('what `npm run docs` makes is what is there', async (t) => {
  for (const [page, made] of Object.entries(await madePages())) t.equal(read(page), made, page)
})

/** A row for each key that is no object; sizes are written as a person would. */
function configRows(schema: TObject, above: readonly string[] = []): string[] {
  return Object.entries(schema.properties).flatMap(([name, entry]) => {
    const path = [...above, name]
    if (entry.type === 'object') return configRows(entry as TObject, path)
    const words = path.map((part) => part.replaceAll(/[A-Z]/g, '_$&').toUpperCase())
    const standard = defaultText(entry.default, entry.isSize)
    return `| \`${path.join('.')}\` | \`FAULTLINE_${words.join('_')}\` | ${entry.expected} | ${standard} | ${entry.description} |`
  })
}

function defaultText(value: unknown, isSize: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none'
  return isSize ? `\`${Number(value) / 1_048_576}MiB\`` : `\`${value}\``
}

function withoutVariable(line: string, token: string): string {
  return line.replace('"authorization: Bearer $TOKEN"', `'authorization: Bearer ${token}'`)
}

/** The rows of the table whose head begins so. */
function tableUnder(page: string, head: string): string[] {
  const rows = read(page).split('\n')
  const first = rows.findIndex((row) => row.startsWith(head)) + 2
  return rows.slice(first, rows.indexOf('', first))
}

function firstCells(rows: readonly string[]): string[] {
  return rows.map((row) => /^\| `(.+?)` +\|/.exec(row)?.[1] ?? row)
}

function variableRow(name: string, entry: ConfigEntry): string {
  const { variable, fallbackVariable, description, otherwise } = entry
  const fixed = `\`${entry.default}\``
  const standard = otherwise ?? (fallbackVariable ? `\`${fallbackVariable}\`, else ${fixed}` : fixed)
  const texts = entry.enum ? `\`${entry.enum.join(' ')}\`` : (entry.kind ?? 'text')
  const type = entry.type === 'boolean' ? '`boolean`' : texts
  return `| \`${variable}\` | \`${name}\` | ${type} | ${standard} | ${description} |`
}

const CHANCE = new Set(
  'id eventId lastEventId instance occurredAt receivedAt firstSeenAt lastSeenAt'.split(' '),
)

/** Ids and times differ from run to run. */
function withoutChance(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) => (CHANCE.has(key) ? typeof member : member))
}

function programsOf(page: string): Program[] {
  const found: Program[] = []
  for (const block of blocksOf(page)) {
    const last = found.at(-1)
    if (/^[jt]s$/.test(block.language)) {
      const script = join(workshop, `${block.at.replaceAll(/[^\w]+/g, '-')}.js`)
      found.push({ ...block, requests: [], answer: undefined, script })
    } else if (last !== undefined && block.language === 'sh') {
      last.requests.push(...block.code.split('\n').filter((line) => line.startsWith('curl ')))
    } else if (last !== undefined && block.language === 'json' && last.requests.length > 0) {
      last.answer ??= block.code
    }
  }
  return found.filter((program) => !program.marks.includes('unchecked'))
}

function blocksOf(page: string): Block[] {
  const text = read(page)
  return [...text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: marks = '', 3: code = '', index }) => ({
      at: `${page}:${text.slice(0, index).split('\n').length}`,
      language,
      marks,
      code,
    }),
  )
}

function sourceOf(program: Program): string {
  return program.script.replace(/\.js$/, '.ts')
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  return {
    ...options,
    composite: false,
    declaration: false,
    experimentalDecorators: true,
    typeRoots: [join(root, 'node_modules/@types')],
  }
}

function describe({ file, start, messageText }: ts.Diagnostic, typed: readonly Program[]): string {
  const program = typed.find((one) => file && sourceOf(one).endsWith(relative(workshop, file.fileName)))
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
  const [page, first] = program?.at.split(':') ?? [file?.fileName ?? 'compiler', 0]
  return `${page}:${Number(first) + line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}

async function runAndAsk(t: Test, { script, code, requests, answer }: Program): Promise<void> {
  const isServer = /\.listen\(/.test(code)
  const child = fork(script, {
    execArgv: ['--import', onAnyPort],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
  })
  const output = outputOf(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), programMs)
  try {
    if (!isServer) {
      const [exitCode] = await once(child, 'exit')
      t.equal(exitCode, 0, output())
      for (const said of promisedOutput(code)) t.ok(output().includes(said), `it prints ${said}`)
      return
    }
    const port = await portOf(child, output)
    t.ok(port, 'it listens')
    let body = ''
    for (const request of requests) body = await (await ask(request, port)).text()
    if (answer !== undefined) t.strictSame(comparable(body), comparable(answer))
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}

/** Loaded before the program: whatever port it names, it gets a free one, and tells which. */
const onAnyPort = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:net'
  const { listen } = Server.prototype
  Server.prototype.listen = function (...args) {
    if (typeof args[0] === 'object' && args[0] !== null) args[0] = { ...args[0], port: 0, host: '127.0.0.1' }
    else args.splice(0, typeof args[1] === 'string' ? 2 : 1, 0, '127.0.0.1')
    this.once('listening', () => process.send(this.address().port))
    return listen.apply(this, args)
  }
`)}`

/** `console.log(x) // this` */
function promisedOutput(code: string): string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\) \/\/ (.+)$/gm)].map(([, said = '']) => said)
}

function outputOf({ stdout, stderr }: ChildProcess): () => string {
  let output = ''
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  return () => output
}

async function portOf(child: ChildProcess, output: () => string): Promise<number> {
  const stopped = once(child, 'exit').then(([code]) => {
    throw new Error(`ended with ${code} before it listened:\n${output()}`)
  })
  const [port] = await Promise.race([once(child, 'message'), stopped])
  stopped.catch(() => undefined)
  return port as number
}

/** A curl line of the documentation as a request. */
function ask(line: string, port: number): Promise<Response> {
  const words = [...line.replace(/\s#\s.*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? '')
  const headers = new Headers()
  let url = ''
  let method: string | undefined
  let body: string | undefined
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string
    if (word === '-H') headers.append(...headerOf(words[++i] ?? ''))
    else if (word === '-X') method = words[++i]
    else if (word === '-d') body = words[++i]
    else if (!word.startsWith('-'))
      url = word.replace(/^(?:http:\/\/)?localhost:\d+/, `http://127.0.0.1:${port}`)
    else if (!/^-[is]+$/.test(word)) throw new Error(`The test does not know curl's ${word}: ${line}`)
  }
  return fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body })
}

function headerOf(line: string): [string, string] {
  const [name = '', value = ''] = line.split(/:\s*/, 2)
  return [name, value]
}

/** Each happening has an id of its own. */
function comparable(body: string): unknown {
  const { instance, ...rest } = JSON.parse(body) as Record<string, unknown>
  return { ...rest, instance: typeof instance }
}

function deadLinks(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : posix.join(posix.dirname(page), path)
      return !exists(file) || (anchor !== undefined && !anchors(file).includes(anchor))
    })
}

/** `packages/core/src/redaction/redact.ts` in the text. Folders end in a slash. */
function missingFiles(page: string): string[] {
  const named = withoutCode(read(page)).matchAll(/`((?:packages|examples|test|scripts|docs)\/[\w./-]+)`/g)
  return [...named].map(([, path = '']) => path).filter((path) => !exists(path))
}

function anchors(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

function headings(page: string, level: number): string[] {
  const mark = `${'#'.repeat(level)} `
  return withoutCode(read(page))
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length).replaceAll('`', ''))
}

/** The first cells of each section's tables, by the name in its heading: `## Limits`. */
function tablesBySection(page: string): Map<string, string[]> {
  const sections = new Map<string, string[]>()
  for (const section of read(page).split(/^## /m).slice(1)) {
    const name = /`(\w+)`/.exec(section.split('\n', 1)[0] ?? '')?.[1] ?? ''
    sections.set(
      name,
      [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, option = '']) => option),
    )
  }
  return sections
}

function membersOf(name: string, file: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest)
  const found = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  )
  return (found?.members ?? []).map((member) => (member.name as ts.Identifier).text)
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '')
}

function markdownIn(folder: string): string[] {
  return filesIn(folder, '.md')
}

function filesIn(folder: string, ending: string): string[] {
  if (!exists(folder)) return []
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith(ending) && !file.includes('node_modules'))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
}

function folders(shelf: string): string[] {
  return readdirSync(join(root, shelf)).map((name) => `${shelf}/${name}`)
}

function exists(path: string): boolean {
  return existsSync(join(root, path))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'pnpm-workspace.yaml')) ? folder : findRoot(dirname(folder))
}
