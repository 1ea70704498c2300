import type { ProblemDetails } from '../catalogue/problem-details.js'

/** The look of every page of ours; no script, no outside resource. */
export const PAGE_STYLE = `:root{color-scheme:light dark;--ink:#1c1e26;--soft:#6a6f80;--line:#8884;--back:#fbfbfd;--mark:#c2410c}
@media(prefers-color-scheme:dark){:root{--ink:#e8e9ef;--soft:#9a9fb1;--back:#15161c;--mark:#fb923c}}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
main{max-width:42rem;margin:12vh auto 4rem;padding:0 1.5rem}
h1{font-size:1.9rem;line-height:1.25;margin:.2rem 0 1rem}
.status{color:var(--mark);font-weight:700;letter-spacing:.08em;margin:0}
.soft,footer{color:var(--soft);font-size:.875rem}
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
footer p{margin:.25rem 0}
a{color:inherit}
code,pre{font:.875em ui-monospace,monospace}
pre{overflow:auto;padding:1rem;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line)}`

/**
 * A problem as a page for people, complete in itself and escaped; it holds under a CSP without scripts.
 * @param language of the title and the detail, as a BCP 47 tag
 */
export function renderProblemPage(problem: ProblemDetails, language = 'en'): string {
  const title = textOf(problem.title)
  const body = [
    `<p class="status">${escapeHtml(textOf(problem.status))}</p><h1>${escapeHtml(title)}</h1>`,
    paragraph(problem.detail),
    renderIssues(problem.errors),
    renderStack(problem.debug),
    `<footer>${[paragraph(problem.instance), renderType(textOf(problem.type))].join('')}</footer>`,
  ]
  return htmlPage({ title, body: body.join('\n'), language })
}

/** A whole document around a body that is HTML already. */
export function htmlPage({
  title,
  body,
  language,
}: {
  title: string
  body: string
  language: string
}): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes text safe in HTML, inside quoted attributes too. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '') : text
}

function paragraph(text: unknown): string {
  return typeof text === 'string' && text !== '' ? `<p>${escapeHtml(text)}</p>` : ''
}

function renderType(type: string): string {
  if (!/^https?:\/\//i.test(type)) return ''
  return `<p><a href="${escapeHtml(type)}">${escapeHtml(type)}</a></p>`
}

function renderIssues(issues: unknown): string {
  if (!Array.isArray(issues) || issues.length === 0) return ''
  const rows = issues.slice(0, 100).map((issue) => {
    const where = issue?.pointer ?? issue?.name
    return `<tr><td><code>${escapeHtml(textOf(where))}</code></td><td>${escapeHtml(textOf(issue?.detail))}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function renderStack(debug: unknown): string {
  const stack = typeof debug === 'object' && debug !== null && 'stack' in debug ? debug.stack : undefined
  return typeof stack === 'string' ? `<pre>${escapeHtml(stack)}</pre>` : ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
