import { JsonBudget } from './json-budget.js'
import { plainJson } from './plain-json.js'
import { attempt } from './thrown.js'

/** Names a thrown value that is no error, for the log: `undefined`, `the string "…"`, `a Promise`. Never throws. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'string':
      return `the string ${JSON.stringify(value.slice(0, 1000))}`
    case 'bigint':
      return `the bigint ${value}n`
    case 'symbol':
      return attempt(() => `the symbol ${String(value)}`) ?? 'a symbol'
    case 'function':
      return `the function ${attempt(() => String(value.name)) || '(anonymous)'}`
    case 'object':
      return value === null ? 'null' : describeObject(value)
    default:
      return `the ${typeof value} ${String(value)}`
  }
}

function describeObject(value: object): string {
  const className = attempt(() => value.constructor?.name)
  if (typeof className === 'string' && className !== '' && className !== 'Object')
    return `an object of class ${className.slice(0, 100)}`
  const json = attempt(() => JSON.stringify(plainJson(value, new JsonBudget(1000))))
  return json === undefined ? 'an object that cannot be read' : `the object ${json}`
}
