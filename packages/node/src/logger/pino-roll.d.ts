// The package has no types of its own.
declare module 'pino-roll' {
  interface RollOptions {
    /** Without number and extension. */
    file: string
    /** `10485760b` */
    size: string
    frequency: 'daily'
    /** Of date-fns. */
    dateFormat: string
    limit: { count: number; removeOtherLogFiles: boolean }
    /** The rest is sonic-boom's. */
    sync: boolean
    maxLength: number
  }
  export default function roll(
    options: RollOptions,
  ): Promise<import('pino').DestinationStream & import('node:events').EventEmitter & { end(): void }>
}
