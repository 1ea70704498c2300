import t from 'tap'
import { escapeHtml, renderProblemPage } from '../src/answer/html-page.js'
import type { ResolvedDefinition } from '../src/catalogue/definition.js'
import { renderMarkdown } from '../src/documents/markdown.js'
import { findProblemPage, problemPages } from '../src/documents/problem-pages.js'

const EVIL = `<script>alert("1")</script>&'`

t.test('escapes what means something in HTML', async (t) => {
  t.equal(escapeHtml(EVIL), '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
  t.equal(escapeHtml('plain'), 'plain')
})

t.test('renders a problem as an escaped page without scripts', async (t) => {
  const page = renderProblemPage(
    {
      type: 'https://errors.example/a"b',
      title: EVIL,
      status: 403,
      detail: EVIL,
      instance: 'urn:uuid:1',
      errors: [{ pointer: '#/<a>', detail: EVIL }, null],
      debug: { stack: EVIL },
    },
    'fr"',
  )
  t.notMatch(page, /<script|alert\("/)
  t.match(page, '<html lang="fr&quot;">')
  t.match(page, /403[\s\S]+urn:uuid:1[\s\S]+href="https:\/\/errors\.example\/a&quot;b"/)
  t.match(page, '<code>#/&lt;a&gt;</code>')
})

t.test('renders a problem with nothing in it, or nonsense', async (t) => {
  t.match(renderProblemPage({ type: 'about:blank', title: 'Not Found', status: 404 }), '<h1>Not Found</h1>')
  t.notMatch(renderProblemPage({ type: 'javascript:1', title: 'a', status: 404 }), 'href')
  t.ok(renderProblemPage({ title: {}, status: null, errors: 7, debug: 1, detail: [] } as never))
})

t.test('renders the small part of Markdown that it knows', async (t) => {
  const markdown = [
    '# What',
    'Some **bold**, *soft* and `a<b`,',
    '[link_a_b](https://x.example/a_b_c?d=1&e).',
    '',
    '- one',
    '- two',
    '1. first',
    '```js',
    '<b> **raw**',
    '```',
    'end `open',
  ].join('\n')
  t.equal(
    renderMarkdown(markdown),
    [
      '<h2>What</h2>',
      '<p>Some <strong>bold</strong>, <em>soft</em> and <code>a&lt;b</code>,',
      '<a href="https://x.example/a_b_c?d=1&amp;e">link_a_b</a>.</p>',
      '<ul><li>one</li><li>two</li></ul>',
      '<ol><li>first</li></ol>',
      '<pre><code>&lt;b&gt; **raw**</code></pre>',
      '<p>end `open</p>',
    ].join('\n'),
  )
})

t.test('links only to http, https and relative addresses', async (t) => {
  for (const target of ['https://a.example', 'http://a.example', '/a', 'a/b', '#a', '../a', '?a=1']) {
    t.match(renderMarkdown(`[x](${target})`), 'href', target)
  }
  const refused = [
    'javascript:alert',
    'JAVASCRIPT:x',
    'data:text/html',
    '//evil.example',
    '/\\evil',
    '\u0001javascript:x',
  ]
  for (const target of [...refused, 'java\tscript:x']) {
    t.notMatch(renderMarkdown(`[x](${target})`), '<a ', target)
  }
  t.notMatch(renderMarkdown('[x](a"onclick=x)'), '"onclick')
  t.notMatch(renderMarkdown(EVIL), '<script')
})

t.test('takes linear time on hostile Markdown', async (t) => {
  for (const unit of ['[', '[a](', '**', '*a', '_', '`', '- ', '#', '```\n', '\0', '\n']) {
    const startedAt = performance.now()
    renderMarkdown(unit.repeat(300_000 / unit.length))
    t.ok(performance.now() - startedAt < 2000, JSON.stringify(unit))
  }
})

function definition(over: Partial<ResolvedDefinition>): { definition: ResolvedDefinition } {
  const facts = {
    name: 'OutOfCredit',
    type: 'https://errors.example/out-of-credit',
    title: 'No <credit>.',
    status: 403,
  }
  return {
    definition: {
      severity: 'low',
      runbook: 'https://wiki.example/secret',
      ...facts,
      ...over,
    } as ResolvedDefinition,
  }
}

const catalogue = {
  OutOfCredit: definition({
    docs: 'Read **this**.',
    extensions: { type: 'object', properties: { balance: { type: 'number', description: '<b>' } } },
  }),
  NotFound: definition({ name: 'NotFound', type: 'about:blank' }),
  Urn: definition({ name: 'Urn', type: 'urn:problem:a' }),
  Local: definition({ name: 'Local', type: '/problems/caf%C3%A9' }),
}

t.test('makes a page for each type that is a web address, without the runbook', async (t) => {
  const pages = problemPages(catalogue)
  t.strictSame(
    pages.map((page) => [page.name, page.path]),
    [
      ['OutOfCredit', '/out-of-credit'],
      ['Local', '/problems/caf%C3%A9'],
    ],
  )
  const html = pages[0]?.html ?? ''
  t.match(html, /No &lt;credit&gt;[\s\S]+<strong>this<\/strong>[\s\S]+balance[\s\S]+number[\s\S]+&lt;b&gt;/)
  t.notMatch(html + JSON.stringify(pages), 'wiki.example')
})

t.test('finds the page of a path', async (t) => {
  const pages = problemPages(catalogue)
  t.equal(findProblemPage(pages, '/out-of-credit')?.name, 'OutOfCredit')
  t.equal(findProblemPage(pages, '/out-of-credit/?a=1')?.name, 'OutOfCredit')
  t.equal(findProblemPage(pages, '/problems/café')?.name, 'Local')
  for (const path of ['/', '', '/%', '/%ff', '/other', '/out-of-credit/x'])
    t.equal(findProblemPage(pages, path), undefined)
})
