/** The text in at most `maxLength` UTF-16 units, an ellipsis for the rest, without lone surrogates. */
export function clip(text: string, maxLength: number): string {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text
  // With the `u` flag a surrogate matches only where it has no partner.
  return shown.replace(/[\ud800-\udfff]/gu, '\ufffd')
}
