/**
 * Filters the query of a URL, also what is encoded in it: `email=ann%40shop.example` is an address, and of `q=a%20b` nothing changes.
 * @param query may have the path before it
 */
export function filterEncoded(query: string, filter: (text: string) => string): string {
  const shown = filter(query)
  if (!/[%+]/.test(shown)) return shown
  return shown
    .split('&')
    .map((pair) => {
      const decoded = decode(pair)
      const filtered = decoded === pair ? pair : filter(decoded)
      return filtered === decoded ? pair : filtered.replace(/[%+&#]/g, encodeURIComponent)
    })
    .join('&')
}

function decode(pair: string): string {
  if (!/[%+]/.test(pair)) return pair
  try {
    return decodeURIComponent(pair.replaceAll('+', ' '))
  } catch {
    return pair // a `%` that stands for itself
  }
}
