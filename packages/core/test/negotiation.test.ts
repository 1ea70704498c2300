import t from 'tap'
import { prefersHtml } from '../src/answer/accept.js'
import { matchLanguages, negotiateLanguage } from '../src/answer/language.js'

t.test('gives a page to a browser only', async (t) => {
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
  for (const accept of [
    browser,
    'text/html',
    'TEXT/HTML;q=0.5',
    'text/*',
    'application/json;q=0.4, text/html;q=0.5',
  ]) {
    t.ok(prefersHtml(accept), accept)
  }
  const machines = [
    undefined,
    '',
    '*/*',
    'application/json',
    'application/*',
    'application/xml',
    'application/problem+json;q=0',
    'text/html, application/json',
    'text/html;q=0.5, */*',
    'text/html;q=0',
    'text/html;q=abc',
    'text/html, image/png;q=abc',
    'text/html, ;;,/',
    'text/html;q=1.5',
    'application/problem+json, text/html;q=0.9',
  ]
  for (const accept of machines) t.notOk(prefersHtml(accept), String(accept))
})

t.test('finds the translation that the client wants most', async (t) => {
  const cases: [header: string | undefined, available: string[], expected: string | undefined][] = [
    ['fr-CH, en;q=0.5', ['fr'], 'fr'],
    ['fr-CH', ['fr', 'fr-CH'], 'fr-CH'],
    ['FR', ['fr'], 'fr'],
    ['de;q=0.4, fr;q=0.8', ['de', 'fr'], 'fr'],
    ['zh-Hant-x-old', ['zh-Hant'], 'zh-Hant'],
    ['zh-x-old', ['zh-x', 'zh'], 'zh'],
    ['es, fr;q=0.1', ['fr'], 'fr'],
    ['en, fr', ['fr'], undefined],
    ['en-US, fr;q=0.9', ['fr'], undefined],
    ['en-GB, fr', ['fr', 'en-GB'], 'en-GB'],
    ['*, fr;q=0.5', ['fr'], undefined],
    ['fr;q=0', ['fr'], undefined],
    ['fr-CH, fr;q=0', ['fr'], undefined],
    ['fr;q=x, de', ['fr', 'de'], 'de'],
    ['es', ['fr'], undefined],
    ['', ['fr'], undefined],
    [undefined, ['fr'], undefined],
    ['fr', [], undefined],
    ['f r, \0, --, fr-', ['fr'], undefined],
  ]
  for (const [header, available, expected] of cases)
    t.equal(negotiateLanguage(header, available), expected, String(header))
})

t.test('takes the languages of the application in their order', async (t) => {
  t.equal(matchLanguages(['es', 'FR-ch', 'de'], ['de', 'fr']), 'fr')
  t.equal(matchLanguages(['en', 'fr'], ['fr']), undefined)
  t.equal(matchLanguages([null, 7, 'fr'] as never, ['fr']), 'fr')
  t.equal(matchLanguages('fr' as never, ['fr']), undefined)
})

t.test('reads hostile headers up to a limit', async (t) => {
  const startedAt = performance.now()
  for (const unit of ['a-', 'fr,', ';q=', '*,', 'text/', 'a']) {
    negotiateLanguage(unit.repeat(500_000), ['fr'])
    prefersHtml(`text/${unit.repeat(500_000)}`)
  }
  t.ok(performance.now() - startedAt < 500)
  t.equal(negotiateLanguage(`${'es,'.repeat(40)}fr`, ['fr']), undefined)
})
