// The documentation is true: its code compiles and runs, its answers are the real ones, its links lead somewhere.
// A block of ts or js is a whole module: ts is type-checked, both are run; `ts unchecked` is left alone. Where a block listens, the
// curl lines of the sh block behind it are asked, and the json block behind that one is the answer to the last of them.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { Writable } from 'node:stream'
import type { ErrorReport } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import { buildApp } from '@faultline/example-fastify-shop'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { coreErrors } from '../packages/core/src/errors.js'
import { fastifyErrors } from '../packages/fastify/src/errors.js'
import { CONFIG_ENTRIES, type ConfigEntry } from '../packages/node/src/config/config-schema.js'
import { nodeErrors } from '../packages/node/src/errors.js'

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
  const real = await slowPriceOf()
  for (const [name, value] of Object.entries(real)) {
    t.hasStrict(withoutChance(value), withoutChance(JSON.parse(shown.get(name) ?? '{"shown":false}')), name)
  }
})

t.test('docs/errors.md has a section for each error of ours, and no other', async (t) => {
  const errors = Object.entries({ ...coreErrors, ...fastifyErrors, ...nodeErrors })
  t.strictSame(headings('docs/errors.md', 2).sort(), errors.map(([name]) => name).sort())
  const text = read('docs/errors.md')
  for (const [name, Problem] of errors) {
    const { type } = (Problem as unknown as { definition: { type: string } }).definition
    t.ok(text.includes(`\`${type}\``), `${name}: ${type}`)
  }
  for (const folder of folders('packages').filter((one) => exists(`${one}/src/errors.ts`)))
    t.ok(text.includes(`${folder}/src/errors.ts`), folder)
})

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
  const rows = read('docs/reference/node.md').split('\n')
  const first = rows.findIndex((row) => row.startsWith('| variable')) + 2
  const shown = rows.slice(first, rows.indexOf('', first))
  t.strictSame(
    shown,
    CONFIG_ENTRIES.map(([name, entry]) => variableRow(name, entry)),
  )
})

function variableRow(name: string, entry: ConfigEntry): string {
  const { variable, fallbackVariable, description, otherwise } = entry
  const fixed = `\`${entry.default}\``
  const standard = otherwise ?? (fallbackVariable ? `\`${fallbackVariable}\`, else ${fixed}` : fixed)
  const texts = entry.enum ? `\`${entry.enum.join(' ')}\`` : (entry.kind ?? 'text')
  const type = entry.type === 'boolean' ? '`boolean`' : texts
  return `| \`${variable}\` | \`${name}\` | ${type} | ${standard} | ${description} |`
}

/** Follows one error through the Fastify shop: what the client, the log and the reporter get. */
async function slowPriceOf(): Promise<Record<'body' | 'log' | 'report', unknown>> {
  const lines: Record<string, unknown>[] = []
  const log = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line))
      done()
    },
  })
  const reporter = recordingReporter()
  const app = await buildApp({ log, reporter })
  const response = await app.inject({
    method: 'POST',
    url: '/orders',
    headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    body: { reference: 'A-3', account: 'acme', article: 'antique', quantity: 1 },
  })
  await app.close()
  const { thrown: _, ...report } = reporter.reports[0] as ErrorReport
  return { body: response.json(), log: lines.find((line) => 'eventId' in line), report }
}

/** Ids and times differ from run to run. */
function withoutChance(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) =>
    ['id', 'eventId', 'instance', 'occurredAt'].includes(key) ? typeof member : member,
  )
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
  if (!exists(folder)) return []
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
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
