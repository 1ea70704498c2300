import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addBackupCommands } from './commands/backup.js'
import { addConfigCommands } from './commands/config.js'
import { addDlqCommands } from './commands/dlq.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addEraseCommand } from './commands/erase.js'
import { addIssuesCommand } from './commands/issues.js'
import { addProblemsCommand } from './commands/problems.js'
import { addProjectCommands } from './commands/project.js'
import { addSendCommand } from './commands/send.js'
import { addServeCommand } from './commands/serve.js'
import { addTailCommand } from './commands/tail.js'
import { addTokenCommands } from './commands/token.js'
import { addUserCommands } from './commands/user.js'
import { endingOf } from './exit-code.js'

// Commands load what is heavy once they run: help and mistakes are answered at once.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('faultline')
  .description('Error handling for Node HTTP services, from throw to fix.')
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 bad usage or configuration.')
  .exitOverride()

addServeCommand(program)
addProjectCommands(program)
addTokenCommands(program)
addUserCommands(program)
addSendCommand(program)
addIssuesCommand(program)
addTailCommand(program)
addDlqCommands(program)
addProblemsCommand(program)
addEraseCommand(program)
addConfigCommands(program)
addBackupCommands(program, version)
addDoctorCommand(program)

let serves = false
program.hook('preAction', (_program, command) => {
  serves = command.name() === 'serve'
})
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (serves) return // a collector goes on, whoever reads its log
  if (code === 'EPIPE') process.exit() // whoever reads has seen enough: `faultline dlq list | head`
  process.stderr.write(`The result could not be printed, though the command is done: ${message}\n`)
  process.exit(1)
})

try {
  await program.parseAsync()
} catch (thrown) {
  const { exitCode, message } = endingOf(thrown)
  if (message !== undefined) process.stderr.write(`${message}\n`)
  process.exitCode = exitCode
}
