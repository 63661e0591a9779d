import { parseExactly } from './api.js'
import { byId, setText } from './dom.js'
import { count } from './format.js'
import { createRow } from './live-row.js'

const most = 100
const root = byId('live'), rows = byId('live-rows'), pause = byId('live-pause')
const known = new Set()
let paused = null, heldBack = [], missed = 0, status = ''

export const isEmpty = () => rows.childElementCount === 0

/** Shows the stream's state, or that it is paused. */
export function say(state, text) {
  root.dataset.live = state
  status = text
  showPause()
}

/** Inserts an event by its time. While paused, events are queued, and the oldest are dropped above the limit. */
export function add(event) {
  if (known.has(event.event_id)) return
  known.add(event.event_id)
  if (paused === null) return place(createRow(event))
  missed++
  heldBack.push(event)
  if (heldBack.length > most) known.delete(heldBack.shift().event_id)
  showPause()
}

export const addText = json => add(parseExactly(json))

/** Clears the list for a new filter. */
export function clear() {
  rows.replaceChildren()
  known.clear()
  heldBack = []
  setPaused(null)
}

function place(row) {
  let next = rows.firstElementChild
  while (next && next.receivedAt > row.receivedAt) next = next.nextElementSibling
  rows.insertBefore(row, next)
  if (rows.childElementCount <= most) return
  known.delete(rows.lastElementChild.dataset.eventId)
  rows.lastElementChild.remove()
}

function setPaused(reason) {
  paused = reason
  if (paused === null) {
    for (const event of heldBack) place(createRow(event))
    heldBack = []
    missed = 0
  }
  showPause()
  pause.dispatchEvent(new Event('pausechange'))
}

function showPause() {
  root.toggleAttribute('data-paused', paused !== null)
  setText(byId('live-status'), paused === null ? status : 'Paused')
  pause.setAttribute('aria-pressed', String(paused !== null))
  setText(pause, paused === null ? 'Pause' : missed > 0 ? `Resume (${count(missed)} new)` : 'Resume')
}

pause.addEventListener('click', () => setPaused(paused === null ? 'asked' : null))
// An event must not move while the user reads it.
rows.addEventListener('toggle', () => {
  const isReading = rows.querySelector('details[open]') !== null
  if (isReading && paused === null) setPaused('reading')
  else if (!isReading && paused === 'reading') setPaused(null)
}, { capture: true })
