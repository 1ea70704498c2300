import Bowser from 'bowser'
import { LRUCache } from 'lru-cache'

/** UTF-16 units; no real one is longer. */
const MAX_LENGTH = 512
const REMEMBERED = 2000

export interface UserAgent {
  /** `Chrome 156` */
  browser?: string
  /** `Windows 10` */
  os?: string
}

const known = new LRUCache<string, UserAgent>({ max: REMEMBERED })

/** The browser and the system that a user agent names; empty for one that is no browser. Reading one takes long, so they are remembered. */
export function readUserAgent(text: string): UserAgent {
  const userAgent = text.slice(0, MAX_LENGTH)
  const remembered = known.get(userAgent)
  if (remembered !== undefined) return remembered
  const read = parse(userAgent)
  known.set(userAgent, read)
  return read
}

function parse(userAgent: string): UserAgent {
  if (userAgent === '') return {}
  const { browser, os } = Bowser.parse(userAgent)
  const read: UserAgent = {}
  const major = browser.version?.split('.')[0]
  if (browser.name) read.browser = major ? `${browser.name} ${major}` : browser.name
  const version = os.name === 'macOS' ? undefined : (os.versionName ?? os.version) // all Macs say 10.15.7
  if (os.name) read.os = version ? `${os.name} ${version}` : os.name
  return read
}
