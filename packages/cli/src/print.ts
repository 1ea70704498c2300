/** A result, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2))
}

/** Something to know, on standard error. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Rows below their heads, as wide as they need; the last column is not padded. */
export function printTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const lines = [heads, ...rows].map((row) => row.map(String))
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === line.length - 1 ? cell : cell.padEnd(widths[column] as number),
    )
    print(cells.join('  '))
  }
}

/** What an event brought, on one line, without what a terminal would obey. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
