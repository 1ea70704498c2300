import { Readable } from 'node:stream'
import { fetchPrice } from './prices.ts'
import { problems } from './problems.ts'

export interface NewOrder {
  /** The client's own name of the order. */
  reference: string
  account: string
  article: string
  quantity: number
}

export interface Order extends NewOrder {
  id: number
  cost: number
}

interface Account {
  balance: number
  orders: number[]
}

/** The shop itself, without HTTP; both services have one. */
export interface Shop {
  placeOrder(order: NewOrder): Promise<Order>
  getOrder(id: number): Order
  listOrders(limit: number): Order[]
  /** Has a bug: an account without orders has no largest one. */
  largestOrder(account: string): { id: number; cost: number }
  /** A file that breaks off in the middle, as when the disk behind it goes away. */
  exportOrders(): Readable
}

export function createShop(): Shop {
  const accounts = new Map<string, Account>([
    ['acme', { balance: 1000, orders: [] }],
    ['tiny', { balance: 30, orders: [] }],
  ])
  const table = createTable()

  return {
    async placeOrder(order) {
      const account = accounts.get(order.account)
      if (account === undefined) throw new problems.NotFound({ detail: `No account ${order.account}.` })
      if (order.article === 'concert') throw new problems.SoldOut({ article: order.article })
      const cost = order.quantity * (await fetchPrice(order.article))
      if (account.balance < cost) throw new problems.OutOfCredit({ balance: account.balance, cost })
      const placed = table.insert({ ...order, cost })
      account.balance -= cost
      account.orders.push(placed.id)
      return placed
    },
    getOrder(id) {
      const order = table.rows.get(id)
      if (order === undefined) throw new problems.NotFound({ detail: `No order ${id}.` })
      return order
    },
    listOrders: (limit) => [...table.rows.values()].slice(0, limit),
    largestOrder(name) {
      const orders = [...table.rows.values()].filter((order) => order.account === name)
      const [largest] = orders.sort((a, b) => b.cost - a.cost)
      return { id: (largest as Order).id, cost: (largest as Order).cost }
    },
    exportOrders: () => Readable.from(brokenLines()),
  }
}

/** Stands for a table in PostgreSQL, and fails as node-postgres does. */
function createTable() {
  const rows = new Map<number, Order>()
  return {
    rows,
    insert(values: Omit<Order, 'id'>): Order {
      for (const { reference } of rows.values()) {
        if (reference === values.reference) throw uniqueViolation(reference)
      }
      const order = { id: rows.size + 1, ...values }
      rows.set(order.id, order)
      return order
    },
  }
}

function uniqueViolation(reference: string): Error {
  return Object.assign(new Error('duplicate key value violates unique constraint "orders_reference_key"'), {
    code: '23505',
    severity: 'ERROR',
    detail: `Key (reference)=(${reference}) already exists.`,
    schema: 'public',
    table: 'orders',
    constraint: 'orders_reference_key',
  })
}

async function* brokenLines() {
  yield 'id,account,cost\n'
  yield `1,acme,50\n`.repeat(1000)
  // The first part is on its way by now.
  await new Promise((resolve) => setTimeout(resolve, 50))
  throw new Error('EIO: i/o error, read /var/exports/orders.csv')
}
