/** What started last ends first. One that fails keeps none of the others from their end. @throws what failed first */
export async function endAll(ends: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = []
  for (const end of ends.toReversed()) {
    try {
      await end()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
