const HEADER_CHARACTERS = 2000
const ITEMS = 32

/** One element of `Accept` or `Accept-Language`, lower-case, without its parameters. */
export interface QualityItem {
  value: string
  /** 0 to 1; NaN where it is malformed. */
  quality: number
}

/** Splits a header of weighted values. One of absurd length is read up to a limit. @see RFC 9110 §12.4.2 */
export function parseQualityList(header: string): QualityItem[] {
  const elements = header.slice(0, HEADER_CHARACTERS).toLowerCase().split(',', ITEMS)
  return elements.map(parseItem).filter((item) => item.value !== '')
}

function parseItem(element: string): QualityItem {
  const [value = '', ...parameters] = element.split(';')
  const item = { value: value.trim(), quality: 1 }
  for (const parameter of parameters) {
    const [name = '', weight = ''] = parameter.trim().split('=')
    if (name === 'q')
      item.quality = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : Number.NaN
  }
  return item
}
