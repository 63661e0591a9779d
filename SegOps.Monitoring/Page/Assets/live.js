import { get, held, parseExactly, stream } from './api.js'
import { onReturn } from './connection.js'
import { byId, setText } from './dom.js'
import { count, plural } from './format.js'
import * as list from './live-list.js'
import { frame } from './section.js'
import { readEvents } from './sse.js'

const missedAtOnce = 50
const mostCounted = 2_000 // of a second, by the server
const longest = 30_000
const silence = 25_000 // the server sends a line every 10 s; without one the connection is dead
const shown = frame(byId('live'))
const type = byId('live-event-type'), user = byId('live-user-id')
let ending = null, timer, failures = 0, sampledTimer, typing, isStarted = false

/** Shows events when they become queryable. Each connection starts with the missed events. */
export async function start() {
  isStarted = true
  stop()
  const { signal } = ending = new AbortController()
  const filter = { event_type: type.value.trim(), user_id: user.value.trim() }
  let wait = 250
  list.say('connecting', 'Connecting…')
  try {
    await listen(filter, signal)
  } catch (error) {
    if (signal.aborted) return
    wait = Math.max(Math.min(1000 * 2 ** failures++, longest), error.retryAfter ?? 0, held())
    await withoutStream(filter, signal, error)
  }
  if (signal.aborted) return
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
    list.say('open', 'Live')
    for await (const message of readEvents(body)) {
      heard()
      take(message)
    }
  } finally {
    clearTimeout(alarm)
  }
}

/** Loads the newest events while the stream is refused or broken. */
async function withoutStream(filter, signal, error) {
  if (!error.isAway) await backfill(filter, signal).catch(failure => signal.aborted || shown.fail(failure))
  else shown.fail(error)
  const isShowing = !error.isAway && shown.root.dataset.state !== 'error'
  if (!signal.aborted) list.say('waiting', isShowing ? 'No stream: polling' : 'Reconnecting…')
}

async function backfill(filter, signal) {
  const { events } = await get('/events', { ...filter, limit: missedAtOnce }, signal, parseExactly)
  if (signal.aborted) return
  events.forEach(list.add)
  showState()
}

function take({ type: kind, data }) {
  if (kind === 'sampled') return tellSampled(JSON.parse(data))
  if (kind !== 'event') return
  list.addText(data)
  showState()
}

const showState = () => shown.show(list.isEmpty() ? 'empty' : 'ready')

function tellSampled({ shown: some, of }) {
  const note = byId('live-sampled')
  setText(note, `Showing ${count(some)} of ${of < mostCounted ? '' : 'at least '}${plural(of, 'event')} in the last second.`)
  note.hidden = false
  clearTimeout(sampledTimer)
  sampledTimer = setTimeout(() => { note.hidden = true }, 3000)
}

function applyFilter() {
  clearTimeout(typing)
  shown.wait()
  list.clear()
  start()
}

/** Filters by event type. */
export function filterByType(name) {
  type.value = name
  applyFilter()
  shown.root.scrollIntoView({ block: 'start' })
  type.focus({ preventScroll: true })
}

byId('live-filter').addEventListener('input', () => {
  clearTimeout(typing)
  typing = setTimeout(applyFilter, 400)
})
byId('live-filter').addEventListener('submit', event => {
  event.preventDefault()
  applyFilter()
})
byId('live-pause').addEventListener('pausechange', () => { if (shown.root.dataset.state === 'empty' && !list.isEmpty()) showState() })
onReturn(() => { if (isStarted && !ending && held() === 0) start() })
document.addEventListener('visibilitychange', () => {
  if (!isStarted) return
  if (document.hidden) stop()
  else start()
})
