import { createHash } from 'node:crypto'
import { PASSWORD_LENGTH } from '../store/people.js'

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}' +
  'input,button{font:inherit;display:block;width:100%;box-sizing:border-box;margin:.5rem 0 1rem;padding:.5rem}'

/** For the content security policy: this style, and no other. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

export function passwordPage(token: string, { isRefused = false } = {}): string {
  const { minLength, maxLength } = PASSWORD_LENGTH
  const rule = `At least ${minLength} characters${isRefused ? `, and at most ${maxLength}: please choose another one` : ''}.`
  return page(`<form method="post" action="welcome">
<input type="hidden" name="token" value="${escaped(token)}">
<label for="password">Choose a password. ${rule}</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${minLength}" maxlength="${maxLength}" required autofocus>
<button>Sign in</button>
</form>`)
}

export function refusalPage(): string {
  return page(
    '<p>This link is not valid any more: it has been used, is older than 24 hours, or a newer one was made. ' +
      'An administrator can make a new one, and so can <code>faultline user reset</code> on the machine of the collector.</p>',
  )
}

function page(content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Faultline</title><style>${STYLE}</style></head>
<body><h1>Faultline</h1>
${content}
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
