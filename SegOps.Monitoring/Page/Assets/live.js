import { get, held, parseExactly, stream } from './api.js'
import { onReturn } from './connection.js'
import { byId, setText } from './dom.js'
import { count, plural } from './format.js'
import { createRow } from './live-row.js'
import { frame } from './section.js'
import { readEvents } from './sse.js'

const most = 100
const missedAtOnce = 50
const silence = 25_000 // The server says something every 10 s; more than that, and the connection is dead without having said so.
const shown = frame(byId('live'))
const rows = byId('live-rows'), pause = byId('live-pause'), type = byId('live-event-type'), user = byId('live-user-id')
const known = new Set()
let paused = null, heldBack = [], missed = 0, ending = null, timer, failures = 0, sampledTimer, isStarted = false

/** Shows events as they become queryable. Each connecting begins with those that were missed in between. */
export async function start() {
  isStarted = true
  stop()
  const mine = ending = new AbortController()
  const filter = { event_type: type.value.trim(), user_id: user.value.trim() }
  let wait = 250
  say('connecting', 'Connecting…')
  try {
    await listen(filter, mine.signal)
  } catch (error) {
    if (mine.signal.aborted) return
    wait = Math.max(Math.min(1000 * 2 ** failures++, 30_000), error.retryAfter ?? 0, held())
    if (error.status !== undefined) await backfill(filter, mine.signal).catch(() => mine.signal.aborted || shown.fail(error))
    if (!mine.signal.aborted) say('waiting', error.isAway === false && shown.root.dataset.state !== 'error' ? 'No stream now: asking again and again' : 'Reconnecting…')
  }
  if (mine.signal.aborted) return
  ending = null
  timer = setTimeout(start, wait * (1 + 0.1 * Math.random()))
}

function stop() {
  clearTimeout(timer)
  ending?.abort()
  ending = null
}

async function listen(filter, signal) {
  const attempt = new AbortController()
  let alarm
  const heard = () => {
    clearTimeout(alarm)
    alarm = setTimeout(() => attempt.abort(), silence)
  }
  try {
    heard()
    const body = await stream('/live', filter, AbortSignal.any([signal, attempt.signal]))
    await backfill(filter, signal)
    failures = 0
    say('open', 'Live')
    for await (const message of readEvents(body)) {
      heard()
      take(message)
    }
  } finally {
    clearTimeout(alarm)
  }
}

async function backfill(filter, signal) {
  const { events } = await get('/events', { ...filter, limit: missedAtOnce }, signal, parseExactly)
  if (signal.aborted) return
  events.forEach(add)
  shown.show(rows.childElementCount > 0 ? 'ready' : 'empty')
}

function take({ type: kind, data }) {
  if (kind === 'event') {
    add(parseExactly(data))
    shown.show(rows.childElementCount > 0 ? 'ready' : 'empty')
  } else if (kind === 'sampled') tellSampled(JSON.parse(data))
}

/** Puts an event where its time belongs: mostly on top. */
function add(event) {
  if (known.has(event.event_id)) return
  known.add(event.event_id)
  if (paused) {
    missed++
    heldBack.push(event)
    if (heldBack.length > most) known.delete(heldBack.shift().event_id)
    return showPause()
  }
  const row = createRow(event)
  let next = rows.firstElementChild
  while (next && next.receivedAt > row.receivedAt) next = next.nextElementSibling
  rows.insertBefore(row, next)
  if (rows.childElementCount <= most) return
  known.delete(rows.lastElementChild.dataset.eventId)
  rows.lastElementChild.remove()
}

function say(state, text) {
  shown.root.dataset.live = state
  setText(byId('live-status'), text)
}

function tellSampled({ shown: some, of }) {
  const note = byId('live-sampled')
  setText(note, `More than can be read: ${count(some)} of ${plural(of, 'event')} in the last second are shown.`)
  note.hidden = false
  clearTimeout(sampledTimer)
  sampledTimer = setTimeout(() => { note.hidden = true }, 3000)
}

function setPaused(reason) {
  paused = reason
  if (!paused) {
    const events = heldBack
    heldBack = []
    missed = 0
    for (const event of events) {
      known.delete(event.event_id)
      add(event)
    }
    shown.root.dataset.figures === undefined || shown.show(rows.childElementCount > 0 ? 'ready' : 'empty')
  }
  showPause()
}

function showPause() {
  pause.setAttribute('aria-pressed', String(paused !== null))
  setText(pause, paused === null ? 'Pause' : missed > 0 ? `Resume (${count(missed)} new)` : 'Resume')
  shown.root.toggleAttribute('data-paused', paused !== null)
}

function applyFilter() {
  rows.replaceChildren()
  known.clear()
  heldBack = []
  missed = 0
  setPaused(null)
  shown.wait()
  start()
}

/** Shows only events of one type. */
export function filterByType(name) {
  type.value = name
  applyFilter()
  shown.root.scrollIntoView({ block: 'start' })
  type.focus({ preventScroll: true })
}

let typing
byId('live-filter').addEventListener('input', () => {
  clearTimeout(typing)
  typing = setTimeout(applyFilter, 400)
})
byId('live-filter').addEventListener('submit', event => {
  event.preventDefault()
  clearTimeout(typing)
  applyFilter()
})
pause.addEventListener('click', () => setPaused(paused ? null : 'asked'))
// Whoever reads an event does not want it to move away.
rows.addEventListener('toggle', () => {
  const isReading = rows.querySelector('details[open]') !== null
  if (isReading && !paused) setPaused('reading')
  else if (!isReading && paused === 'reading') setPaused(null)
}, { capture: true })
onReturn(() => { if (isStarted && !ending && held() === 0) start() })
document.addEventListener('visibilitychange', () => {
  if (!isStarted) return
  if (document.hidden) stop()
  else start()
})
