import { createHash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { BackupFailed } from './backup-failed.js'

export const MANIFEST_NAME = 'manifest.json'
/** In their order in the file. */
export const PART_NAMES = ['store.db', 'queue.db'] as const
export type PartName = (typeof PART_NAMES)[number]

const FORMAT = 1

const count = Type.Integer({ minimum: 0 })
const Part = Type.Object({ name: Type.String(), sizeBytes: count, sha256: Type.String() })

export const Manifest = Type.Object({
  /** Of the file; one of another format is not read. */
  format: Type.Literal(FORMAT),
  madeAt: Type.String(),
  /** The version of the program. */
  faultline: Type.String(),
  schemas: Type.Object({ store: count, queue: count }),
  /** `queueBodies`: not digested yet. */
  counts: Type.Object({ projects: count, issues: count, events: count, queueBodies: count }),
  parts: Type.Array(Part),
})
/** The first entry of a backup: what is in it. */
export type Manifest = Static<typeof Manifest>

export function createManifest(parts: Omit<Manifest, 'format'>): Manifest {
  return { format: FORMAT, ...parts }
}

/** With a checksum of its own, so that a flipped bit is noticed here too. */
export function manifestText(manifest: Manifest): string {
  return JSON.stringify({ ...manifest, sha256: checksum(manifest) }, undefined, 2)
}

/** @param file that it was read from, for the message @throws BackupFailed */
export function readManifest(text: string, file: string): Manifest {
  const { sha256, ...manifest } = parsed(text, file)
  if (manifest.format !== FORMAT && sha256 === checksum(manifest)) {
    throw new BackupFailed(
      `${file} is a backup of format ${manifest.format}, and this Faultline reads ${FORMAT}: use Faultline ${manifest.faultline}, which has made it, or a newer one.`,
    )
  }
  if (sha256 !== checksum(manifest) || !Value.Check(Manifest, manifest)) throw damaged(file)
  const isWhole = PART_NAMES.every((name, index) => manifest.parts[index]?.name === name)
  if (!isWhole || manifest.parts.length !== PART_NAMES.length) throw damaged(file)
  return manifest
}

function parsed(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // told below
  }
  throw damaged(file)
}

function damaged(file: string): BackupFailed {
  return new BackupFailed(`${file}: its ${MANIFEST_NAME} is damaged, so take another backup.`)
}

function checksum(manifest: object): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
