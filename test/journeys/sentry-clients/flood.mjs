// A service that fails all the time, and waits for each answer. The arguments are the major of the client, and how often.
const [, , major, times] = process.argv
const Sentry = await import(`sentry-node-${major}`)

Sentry.init()
for (let time = 1; time <= Number(times); time++) {
  Sentry.captureMessage(`failure ${'x'.repeat(time)}`)
  await Sentry.flush(10_000)
}
await Sentry.close(10_000)
