declare module '*/compile-tests.mjs' {
  /** Compiles libraries and tests into .build/; gives tsc's exit code. */
  export function compileTests(options?: { clean?: boolean }): number
}
