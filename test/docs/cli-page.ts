// The help of every command in docs/reference/cli.md, from the program.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const HELP = /^```text faultline (.*) --help\n(?:.*\n)*?```$/gm

/** The page with the help of each command as the program prints it; commands that it lacks come at its end. */
export async function cliPage(root: string, page: string): Promise<string> {
  const commands = await commandsOf(root)
  const helps = new Map(
    await Promise.all(commands.map(async (words) => [words, await helpOf(root, words)] as const)),
  )
  const block = (words: string) => `\`\`\`text faultline ${words} --help\n${helps.get(words)}\`\`\``
  const shown = new Set<string>()
  const kept = page.replace(HELP, (_, words: string) => {
    shown.add(words)
    return helps.has(words) ? block(words) : ''
  })
  const missing = commands.filter((words) => !shown.has(words))
  return kept + missing.map((words) => `\n## \`faultline ${words}\`\n\n${block(words)}\n`).join('')
}

/** Every command that does something: those that have others below them only name them. */
async function commandsOf(root: string, above = ''): Promise<string[]> {
  const help = await helpOf(root, above)
  const names = [...(help.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}(?!help )([a-z]+)/gm)]
  if (names.length === 0) return [above]
  const below = names.map(([, name = '']) => commandsOf(root, `${above} ${name}`.trim()))
  return (await Promise.all(below)).flat()
}

async function helpOf(root: string, words: string): Promise<string> {
  const program = join(root, 'packages/cli/bin/faultline.js')
  const args = [program, ...words.split(' ').filter(Boolean), '--help']
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' }
  return (await promisify(execFile)(process.execPath, args, { env })).stdout
}
