import { announce, byId } from './dom.js'
import { local } from './times.js'

let since = null
const waiting = new Set()

/** Calls `listener` when the API answers again, or when the user clicks Retry. */
export const onReturn = listener => waiting.add(listener)

export const isLost = () => since !== null

/** Records an answer of the API. */
export function reached() {
  if (since === null) return
  since = null
  byId('connection').hidden = true
  announce('Connected again.')
  tryNow()
}

/** Records that the API did not answer. */
export function lost() {
  if (since !== null) return
  since = Date.now()
  byId('connection-text').textContent = `The API has not answered since ${local(since, 'clock')}. The figures are from before. Retrying automatically.`
  byId('connection').hidden = false
}

function tryNow() {
  for (const listener of waiting) listener()
}

addEventListener('online', tryNow)
byId('connection-retry').addEventListener('click', tryNow)
