// A service that nobody has looked after: it ends of what nobody has caught. The arguments are the major of the client, and how.
const [, , major, how] = process.argv
const Sentry = await import(`sentry-node-${major}`)

Sentry.init()

function openShop() {
  throw new RangeError('The shop has no door.')
}

if (how === 'rejection') Promise.reject(new RangeError('The shop has no window.'))
else setTimeout(openShop)
