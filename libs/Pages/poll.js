import { held } from './api.js'
import { onReturn } from './connection.js'

const polls = new Set()

/**
 * Runs `work` periodically while the page is visible. After a failure, it waits up to three times as long, and at least
 * as long as the server requests. `work` receives an abort signal.
 */
export function poll(every, work) {
  let timer, ending = null, due = 0, failures = 0
  const self = { start: run, stop, isWaitingAfterFailure: () => failures > 0 && !ending }

  async function run() {
    stop()
    polls.add(self)
    const mine = ending = new AbortController()
    let wait = every
    try {
      await work(mine.signal)
      failures = 0
    } catch (error) {
      if (mine.signal.aborted) return
      wait = Math.max(every * Math.min(++failures, 3), error.retryAfter ?? 0)
    }
    if (mine.signal.aborted) return
    ending = null
    schedule(wait)
  }

  function schedule(wait) {
    // Jitter: pages that lost the same server must not reconnect at the same time.
    const delay = Math.max(wait, held()) * (1 + 0.1 * Math.random())
    due = Date.now() + delay
    timer = setTimeout(() => document.hidden || run(), delay)
  }

  function stop() {
    clearTimeout(timer)
    ending?.abort()
    ending = null
    polls.delete(self)
  }

  self.catchUp = () => { if (!ending && Date.now() >= due) run() }
  return self
}

/** Runs waiting polls at once. */
export function retryFailing() {
  if (held() === 0) for (const each of [...polls]) if (each.isWaitingAfterFailure()) each.start()
}

onReturn(retryFailing)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const each of [...polls]) each.catchUp()
})
