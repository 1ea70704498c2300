import { createRequire } from 'node:module'

const NAME = '@faultline/node'

/** Which reporter wrote an event. */
export const sdk = { name: NAME, version: ownVersion() }

/** By the package's own name, for the bundled file lies elsewhere than the compiled one. */
function ownVersion(): string {
  try {
    const { version } = createRequire(import.meta.url)(`${NAME}/package.json`) as { version: string }
    return version
  } catch {
    return 'unknown' // bundled into an application, without the package beside it
  }
}
