import { createRedactor } from '@faultline/core/adapter'
import type { ErrorEvent } from '@faultline/protocol'
import type { ScrubConfig } from '../../config.js'
import { createMemory } from '../memory.js'
import { createAddressFilter } from './addresses.js'
import { filterText } from './encoded.js'
import { hideMember, isWithin, pathOf } from './hide-members.js'
import { MAX_PATHS } from './limits.js'
import { EVENT_RULES } from './member-rules.js'
import { createSourceFilter } from './source-filter.js'
import { type Filters, Walk } from './walk.js'

/** Takes out of an event what must never be stored. Nothing of it throws or changes what it is given; twice is as once. */
export interface Scrubber {
  /** @returns the event, or a copy where something was filtered, and the paths of that */
  event(event: ErrorEvent): { event: ErrorEvent; scrubbed: string[] }
  text(text: string): string
}

/** By core's list of what is sensitive, and what the configuration adds to it or excepts. */
export function createScrubber(config: ScrubConfig): Scrubber {
  const { text, isSensitiveKey } = createRedactor({ keys: config.keys })
  const remembered = createMemory<string>()
  const excepted = config.except.map(pathOf)
  const filters: Filters = {
    text,
    isSensitiveKey,
    repeated: (value) => remembered(value, () => filterText(value, text)),
    source: createSourceFilter({ text, isSensitiveKey }),
    address: createAddressFilter(config, text),
    isExcepted: (member) => excepted.some((path) => isWithin(member, path)),
  }
  const hide = createHide(config.paths)

  return {
    text: (said) => filterText(said, text),
    event: (event) => {
      const hidden = hide(event)
      const scrubbed = scrub(hidden.event, filters)
      return {
        event: scrubbed.event,
        scrubbed: [...new Set([...hidden.scrubbed, ...scrubbed.scrubbed])].slice(0, MAX_PATHS),
      }
    },
  }
}

type Scrubbed = ReturnType<Scrubber['event']>

/** One look at all of its text together tells of most events that there is nothing in it. */
function scrub(event: ErrorEvent, filters: Filters): Scrubbed {
  const texts: string[] = []
  const first = walked(event, {
    ...filters,
    text: (text) => {
      texts.push(text)
      return text
    },
  })
  const all = texts.join('\n')
  return filters.text(all) === all ? first : walked(event, filters)
}

function walked(event: ErrorEvent, filters: Filters): Scrubbed {
  const walk = new Walk(filters)
  return { event: walk.value(event, EVENT_RULES) as ErrorEvent, scrubbed: walk.scrubbed }
}

function createHide(dotted: readonly string[]): (event: ErrorEvent) => Scrubbed {
  const paths = dotted.map(pathOf)
  return (event) => {
    const scrubbed: string[] = []
    const found = (member: readonly string[]) => {
      if (scrubbed.length < MAX_PATHS) scrubbed.push(member.join('.'))
    }
    const hidden = paths.reduce<unknown>(
      (shown, path) => hideMember(shown, { path, rule: EVENT_RULES, found }),
      event,
    )
    return { event: hidden as ErrorEvent, scrubbed }
  }
}
