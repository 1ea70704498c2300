import { type Command, InvalidArgumentError, Option } from 'commander'

/** Of every command that asks a running collector. */
export function addApiOptions(command: Command): Command {
  const url = new Option('--url <url>', 'where the collector is')
    .env('FAULTLINE_URL')
    .default('http://localhost:8600')
  const token = new Option('--token <token>', 'who asks; `faultline token create` makes one').env(
    'FAULTLINE_TOKEN',
  )
  return command.addOption(url.argParser(readUrl)).addOption(token.makeOptionMandatory())
}

function readUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new InvalidArgumentError('It must be a URL that begins with http:// or https://.')
}
