import { escapeHtml, htmlPage } from '../answer/html-page.js'
import type { ResolvedDefinition, Severity } from '../catalogue/definition.js'
import { renderMarkdown } from './markdown.js'

/** The page behind one `type` URI. It is public: it says nothing of the runbook. */
export interface ProblemPage {
  readonly name: string
  readonly type: string
  /** The path of `type`, by which a request for it is recognised. */
  readonly path: string
  readonly title: string
  readonly status: number
  readonly severity: Severity
  /** Markdown. */
  readonly docs: string | undefined
  /** JSON Schema of the extension members. */
  readonly extensions: Readonly<Record<string, unknown>> | undefined
  /** A whole document, safe to send as it is. */
  readonly html: string
}

/**
 * The pages of a catalogue, in its order. Problems of type `about:blank` have none, nor has a type that is no web
 * address.
 */
export function problemPages(
  catalogue: Readonly<Record<string, { definition: ResolvedDefinition }>>,
): ProblemPage[] {
  return Object.values(catalogue).flatMap(({ definition }) => {
    const path = pathOf(definition.type)
    return path === undefined ? [] : [pageOf(definition, path)]
  })
}

/** The page that a request path asks for; its query and a slash at its end do not matter. */
export function findProblemPage(pages: readonly ProblemPage[], path: string): ProblemPage | undefined {
  const wanted = normalizePath(path.split(/[?#]/, 1)[0] ?? '')
  return pages.find((page) => normalizePath(page.path) === wanted)
}

function pageOf(
  { name, type, title, status, severity, docs, extensions }: ResolvedDefinition,
  path: string,
): ProblemPage {
  const facts = { name, type, path, title, status, severity, docs, extensions }
  let html: string | undefined
  return Object.defineProperty(facts, 'html', { get: () => (html ??= renderPage(facts)) }) as ProblemPage
}

function pathOf(type: string): string | undefined {
  try {
    const { protocol, pathname } = new URL(type, 'http://relative.invalid')
    return /^https?:$/.test(protocol) ? pathname : undefined
  } catch {
    return undefined
  }
}

function normalizePath(path: string): string {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  try {
    return decodeURI(bare)
  } catch {
    return bare
  }
}

type PageFacts = Omit<ProblemPage, 'html'>

function renderPage({ name, type, title, status, severity, docs, extensions }: PageFacts): string {
  const body = [
    `<p class="status">${status}</p><h1>${escapeHtml(title)}</h1>`,
    docs === undefined ? '' : renderMarkdown(docs),
    renderMembers(extensions),
    `<footer><p>${escapeHtml(name)} · severity ${severity}</p><p><code>${escapeHtml(type)}</code></p></footer>`,
  ]
  return htmlPage({ title, body: body.join('\n'), language: 'en' })
}

function renderMembers(schema: Readonly<Record<string, unknown>> | undefined): string {
  const properties = schema?.properties
  if (typeof properties !== 'object' || properties === null) return ''
  const rows = Object.entries(properties).map(([name, member]) => {
    const { type, description } = (member ?? {}) as Record<string, unknown>
    const cells = [
      `<code>${escapeHtml(name)}</code>`,
      escapeHtml(memberType(type)),
      escapeHtml(textOf(description)),
    ]
    return `<tr><td>${cells.join('</td><td>')}</td></tr>`
  })
  if (rows.length === 0) return ''
  return `<h2>Members</h2><table><tr><th>Name</th><th>Type</th><th></th></tr>${rows.join('')}</table>`
}

function memberType(type: unknown): string {
  return Array.isArray(type) ? type.map(textOf).join(' or ') : textOf(type)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
