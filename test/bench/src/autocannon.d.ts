declare module 'autocannon' {
  export interface Load extends PromiseLike<Result> {
    stop(): void
  }
  export interface Result {
    errors: number
    timeouts: number
    statusCodeStats: Record<string, { count: number }>
  }
  export interface Options {
    url: string
    connections: number
    pipelining: number
    /** Seconds. */
    duration: number
    /** How often it looks whether it is to stop, in milliseconds. */
    sampleInt: number
  }
  export default function autocannon(options: Options): Load
}
