import { escapeHtml } from '../answer/html-page.js'

// A link's whole alphabet: no quote, blank, backslash or control character can be in one.
const LINK = /\[([^[\]\n]+)\]\(([\w\-./~:?#@!$&;*+,=%]+)\)/g
const SAFE_TARGET = /^(?:https?:\/\/|(?![a-z][a-z\d+.-]*:|\/\/))/i

/**
 * A small, safe part of Markdown as HTML: paragraphs, headings, lists, code, bold, italic and links to http, https and
 * relative addresses. HTML in it is shown as text.
 */
export function renderMarkdown(markdown: string): string {
  const blocks: string[] = []
  const lines = markdown.split(/\r?\n/)
  for (let at = 0; at < lines.length; ) {
    const kind = kindOf(lines[at] ?? '')
    let end = at + 1
    if (kind === 'fence') while (end < lines.length && kindOf(lines[end] ?? '') !== 'fence') end++
    else if (kind !== 'heading') while (end < lines.length && kindOf(lines[end] ?? '') === kind) end++
    blocks.push(renderBlock(kind, lines.slice(at, end)))
    at = kind === 'fence' ? end + 1 : end
  }
  return blocks.filter((block) => block !== '').join('\n')
}

type Kind = 'blank' | 'fence' | 'heading' | 'bullets' | 'numbers' | 'text'

function kindOf(line: string): Kind {
  if (line.trim() === '') return 'blank'
  if (line.startsWith('```')) return 'fence'
  if (/^#{1,6} /.test(line)) return 'heading'
  if (/^ {0,3}[-*+] /.test(line)) return 'bullets'
  return /^ {0,3}\d{1,9}[.)] /.test(line) ? 'numbers' : 'text'
}

function renderBlock(kind: Kind, lines: readonly string[]): string {
  const first = lines[0] ?? ''
  switch (kind) {
    case 'blank':
      return ''
    case 'fence':
      return `<pre><code>${escapeHtml(lines.slice(1).join('\n'))}</code></pre>`
    case 'heading': {
      // The page has its own first heading.
      const level = Math.min(first.indexOf(' ') + 1, 6)
      return `<h${level}>${renderInline(first.slice(first.indexOf(' ') + 1))}</h${level}>`
    }
    case 'bullets':
    case 'numbers': {
      const tag = kind === 'bullets' ? 'ul' : 'ol'
      const items = lines.map((line) => `<li>${renderInline(line.trim().replace(/^\S+ /, ''))}</li>`)
      return `<${tag}>${items.join('')}</${tag}>`
    }
    case 'text':
      return `<p>${lines.map(renderInline).join('\n')}</p>`
  }
}

// Odd pieces stand between backticks; the last one of those has no end.
function renderInline(text: string): string {
  const pieces = text.split('`')
  return pieces
    .map((piece, at) => {
      if (at % 2 === 0) return renderEmphasis(escapeHtml(piece))
      return at === pieces.length - 1
        ? `\`${renderEmphasis(escapeHtml(piece))}`
        : `<code>${escapeHtml(piece)}</code>`
    })
    .join('')
}

function renderEmphasis(html: string): string {
  const links: string[] = []
  // Set aside, so that a `_` in an address is not taken for emphasis.
  const withoutLinks = html.replace(LINK, (whole, label: string, target: string) => {
    if (!SAFE_TARGET.test(target)) return whole
    return `\0${links.push(`<a href="${target}">${emphasize(label)}</a>`) - 1}\0`
  })
  return emphasize(withoutLinks).replace(/\0(\d+)\0/g, (_, at) => links[Number(at)] ?? '')
}

function emphasize(html: string): string {
  return html
    .replace(/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\*([^*\n]+)\*/g, '<em>$1</em>')
    .replace(/(?<!\w)_([^_\n]+)_(?!\w)/g, '<em>$1</em>')
}
