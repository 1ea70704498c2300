import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** The functions of ours that a program may call, and where they are. */
const SOURCES = {
  createLogger: '../src/logger/create-logger.js',
  startFaultline: '../src/start/start-faultline.js',
}
const imports = Object.entries(SOURCES).map(
  ([name, path]) => `import { ${name} } from ${JSON.stringify(new URL(path, import.meta.url))}`,
)

export interface ProgramOutput {
  out: string
  err: string
  code: number | null
  signal: string | null
}

/** Runs a program in a process of its own, with these variables and no others, to its end. */
export async function outputOf(program: string, env: NodeJS.ProcessEnv = {}): Promise<ProgramOutput> {
  const source = [...imports, program].join('\n')
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { out, err, code, signal }
}
