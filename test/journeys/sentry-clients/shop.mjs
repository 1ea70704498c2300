// A service as its developers wrote it for Sentry: all it is told is SENTRY_DSN and the like. The argument is the major of the client.
const Sentry = await import(`sentry-node-${process.argv[2]}`)

Sentry.init()
Sentry.setUser({ id: '7', email: 'jane@example.com' })
Sentry.setTag('feature', 'checkout')
Sentry.addBreadcrumb({ category: 'cart', message: 'paid with 4111 1111 1111 1111', level: 'info' })

function placeOrder(order) {
  const password = process.env.SHOP_PASSWORD ?? 'hunter2'
  if (!order.items) throw new TypeError(`Order 12345 has no items, ${password.length}`)
}

function checkout() {
  try {
    placeOrder({})
  } catch (cause) {
    throw new Error('Checkout of order 12345 failed for jane@example.com', { cause })
  }
}

try {
  checkout()
} catch (error) {
  Sentry.captureException(error)
}
Sentry.captureMessage('Stock of jane@example.com is low, token=abc123def456', 'warning')
await Sentry.close(10_000)
