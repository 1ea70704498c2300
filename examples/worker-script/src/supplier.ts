export interface Order {
  reference: string
  article: string
  quantity: number
}

export interface Reservation extends Order {
  parcels: number
}

/** Whoever has the goods. */
export interface Supplier {
  reserve(order: Order): Promise<Reservation>
  /** Which day they come. */
  deliveryDay(article: string): Promise<string>
}

/** Stands for a supplier's API. It refuses the first call for each order, and cannot tell when a sofa comes. */
export function createSupplier(): Supplier {
  const called = new Set<string>()
  return {
    async reserve(order) {
      if (called.has(order.reference)) return { ...order, parcels: Math.ceil(order.quantity / 2) }
      called.add(order.reference)
      throw Object.assign(new Error('connect ECONNREFUSED 192.0.2.7:443'), { code: 'ECONNREFUSED' })
    },
    async deliveryDay(article) {
      if (article === 'sofa') throw clientError()
      return '2026-12-01'
    },
  }
}

/** As HTTP clients throw it: with all of the request, the key of the shop included. None of that may leave the house. */
function clientError(): Error {
  return Object.assign(new Error('502 from https://shop:hunter2@supplier.example/days?api_key=hunter3'), {
    code: 'ERR_BAD_RESPONSE',
    config: { url: '/days', headers: { Authorization: 'Bearer hunter4' } },
  })
}
