import { open } from 'node:fs/promises'

/** So that a power cut does not undo what was renamed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
