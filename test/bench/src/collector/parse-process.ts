// Parses one event of the load for a second, and says how long one took.
import { createEventMaker } from './event-maker.ts'

const SECONDS = 1
const json = JSON.stringify(createEventMaker(1).event(Date.now()))

process.on('message', () => {
  const start = performance.now()
  let parsed = 0
  while (performance.now() - start < SECONDS * 1000) {
    JSON.parse(json)
    parsed++
  }
  process.send?.({ micros: ((performance.now() - start) * 1000) / parsed })
})
process.on('disconnect', () => process.exit())
