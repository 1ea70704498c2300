declare namespace NodeJS {
  interface Process {
    /** From Node 23.9 on. */
    threadCpuUsage(previousValue?: CpuUsage): CpuUsage
  }
}
