import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAME = '@faultline/node'

const manifest = ownManifest()

/** Which reporter wrote an event. */
export const sdk = { name: NAME, version: manifest?.version ?? 'unknown' }

/** The folder of this package; `undefined` where it was bundled into an application, whose own code lies beside it. */
export const sdkFolder = manifest?.folder

/** By the package's own name, for the bundled file lies elsewhere than the compiled one. */
function ownManifest(): { version: string; folder: string } | undefined {
  try {
    const require = createRequire(import.meta.url)
    const path = require.resolve(`${NAME}/package.json`)
    const folder = dirname(path)
    const isOurs = fileURLToPath(import.meta.url).startsWith(folder)
    return isOurs ? { version: (require(path) as { version: string }).version, folder } : undefined
  } catch {
    return undefined
  }
}
