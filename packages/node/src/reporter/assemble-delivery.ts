import { type Complain, createMention } from '../complaints.js'
import { BackOff } from '../delivery/back-off.js'
import { Courier } from '../delivery/courier.js'
import { EventQueue } from '../delivery/event-queue.js'
import { faultlineWire } from '../delivery/faultline-wire.js'
import type { Ledger } from '../delivery/ledger.js'
import { Outbox } from '../delivery/outbox.js'
import { Packer } from '../delivery/packer.js'
import { RequestCounts } from '../delivery/request-counts.js'
import { Sender } from '../delivery/sender.js'
import { sentryWire } from '../delivery/sentry-wire.js'
import { Spool } from '../delivery/spool.js'
import { StormControl } from '../delivery/storm-control.js'
import { createEventBuilder } from '../event/build-event.js'
import { createEventFinisher } from '../event/finish-event.js'
import { surroundings } from '../event/surroundings.js'
import type { ReporterOptions } from './reporter-options.js'
import type { ReporterSettings } from './reporter-settings.js'

const BUILT_LINES =
  'stack traces name built lines: start Node with --enable-source-maps to see those of the sources'

/** The way of an error from the service to the collector, in order. */
export interface Delivery {
  storm: StormControl
  queue: EventQueue
  requests: RequestCounts
  packer: Packer
  courier: Courier
  /** Takes over what earlier processes left on disk, and sends it. */
  takeOver(): Promise<void>
}

export interface DeliveryParts {
  options: ReporterOptions
  settings: ReporterSettings
  ledger: Ledger
  complain: Complain
}

export function assembleDelivery({ options, settings, ledger, complain }: DeliveryParts): Delivery {
  const around = surroundings(options)
  const { service, environment, release } = around
  const onBuiltLines = () => complain(BUILT_LINES)
  const builder = createEventBuilder({ surroundings: around, onBuiltLines })
  const finisher = createEventFinisher(builder, options, complain)

  const wires = { faultline: faultlineWire, sentry: sentryWire }
  const wire = wires[options.protocol ?? 'faultline']
  const storm = new StormControl(settings.maxEqualPerMinute, (count) => ledger.drop('memory', count))
  const queue = new EventQueue(settings.maxMemoryBytes)
  const requests = new RequestCounts({ service, environment, release })
  const packer = new Packer({ queue, storm, requests, ledger, wire, finisher, complain })
  const spool = spoolOf({ options, settings, ledger, complain })
  const outbox = new Outbox({ ledger, storm, spool, complain })
  const sender = new Sender(settings.dsn, settings.timeoutMs)
  const { flushIntervalMs } = settings
  const mention = createMention(options.logger, settings.isDebug)
  const backOff = new BackOff(settings.backOff)
  const courier = new Courier({ packer, outbox, sender, backOff, wires, flushIntervalMs, complain, mention })
  return {
    storm,
    queue,
    requests,
    packer,
    courier,
    takeOver: async () => {
      if (await spool?.takeOver()) courier.goNow()
    },
  }
}

function spoolOf({
  settings: { spoolFolder, maxSpoolBytes },
  ledger,
  complain,
}: DeliveryParts): Spool | undefined {
  if (spoolFolder === undefined) return undefined
  return new Spool({
    folder: spoolFolder,
    maxBytes: maxSpoolBytes,
    onLost: ({ events, counted, dropped, isForeign }, reason) => {
      const count = events + counted
      ledger.tellLater(dropped)
      ledger.drop(reason, count, isForeign ? 'foreign' : 'spooled')
      if (reason === 'spool_gone')
        complain('a file of the spool is gone: deleted, or another process has taken it')
    },
  })
}
