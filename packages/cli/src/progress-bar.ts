import { SingleBar } from 'cli-progress'

export interface ProgressBar {
  show(step: string, done: number, total: number): void
  stop(): void
}

/** On standard error, where somebody looks at it; elsewhere it shows nothing. */
export function startProgressBar(): ProgressBar {
  if (!process.stderr.isTTY) return { show: () => undefined, stop: () => undefined }
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage}% {step}',
    clearOnComplete: true,
    hideCursor: true,
  })
  bar.start(1, 0, { step: '' })
  return {
    show(step, done, total) {
      bar.setTotal(Math.max(total, 1))
      bar.update(done, { step })
    },
    stop: () => bar.stop(),
  }
}
