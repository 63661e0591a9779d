import { get } from './api.js'
import { announce, byId, el, renderList, setText } from './dom.js'
import { duration, plural, span } from './format.js'
import { retryFailing } from './poll.js'
import { section, setFigure } from './section.js'
import { setTime, timeOf } from './times.js'

const every = 3000
const names = { event_stream: 'Event stream', ingestor_worker: 'Ingestor worker', analytics_warehouse: 'Analytics warehouse', gateway: 'Gateway', ingestion: 'Ingestion' }
const states = { ok: 'Working', degraded: 'Degraded', down: 'Down' }
const known = new Map()
let latest = null, missing = 0

export const health = section('health', {
  every,
  load: signal => get('/health', {}, signal),
  render({ stages, services = [] }) {
    // A service before the stages is shown only while one of its instances is not ok.
    latest = [...services.filter(service => service.state !== 'ok').map(service => ({ ...service, stage: service.service })), ...stages]
    renderList(byId('stages'), latest, stage => stage.stage, createStage)
    summarise()
    byId('live-held').hidden = worst(stages) !== 'down'
    stages.forEach(announceChange)
    return 'ready'
  },
})

export const freshness = section('freshness', {
  every,
  load: signal => get('/freshness', {}, signal),
  render(answer) {
    for (const name of ['p50', 'p95', 'p99']) {
      const ms = answer[`${name}_ms`]
      setFigure(byId(`freshness-${name}`), ms ?? '', ms === undefined ? '–' : duration(ms))
    }
    const note = byId('freshness-note')
    note.dataset.late = answer.lag_ms >= 5000
    if (answer.lag_ms >= 5000) note.replaceChildren(`An event sent ${span(answer.lag_ms / 1000)} ago is not queryable yet.`)
    else note.replaceChildren(`${plural(answer.samples, 'probe')} in ${span(answer.window_seconds)}`, ...(answer.last_at ? [', the last ', timeOf(answer.last_at, 'ago')] : []))
    return answer.samples > 0 ? 'ready' : 'empty'
  },
})

/** The missing events of the ledger, shown at the top of the page. */
export function showMissing(events) {
  missing = events
  summarise()
}

function summarise() {
  if (latest === null) return
  const wrong = latest.filter(stage => stage.state !== 'ok').map(stage => `${nameOf(stage)}: ${states[stage.state].toLowerCase()}`)
  if (missing > 0) wrong.push(`${plural(missing, 'event')} missing`)
  const status = missing > 0 ? 'down' : worst(latest)
  byId('health-summary').dataset.status = status
  setText(byId('health-summary'), wrong.length === 0 ? 'All stages work' : wrong.join(' · '))
  document.title = wrong.length === 0 ? 'SegOps' : `${status === 'down' ? '✕' : '!'} SegOps`
}

const nameOf = ({ stage }) => names[stage] ?? stage
const worst = stages => ['down', 'degraded', 'ok'].find(state => stages.some(stage => stage.state === state))

function createStage(stage) {
  const [state, since, reason, facts] = [el('span', { class: 'stage-state' }), el('time'), el('p', { class: 'stage-reason' }), el('p', { class: 'stage-facts' })]
  const icon = el('span', { class: 'icon', 'aria-hidden': 'true' })
  const element = el('li', { 'data-stage': stage.stage },
    el('h3', {}, nameOf(stage)), el('p', { class: 'stage-line' }, icon, state, el('span', { class: 'muted' }, ' since ', since)), reason, facts)
  return {
    element,
    update(next) {
      element.dataset.stageState = next.state
      icon.className = `icon icon-${next.state}`
      setText(state, states[next.state] ?? next.state)
      setTime(since, next.since, 'ago')
      setText(reason, next.reason ?? '')
      setText(facts, factsOf(next).join(' · '))
    },
  }
}

function factsOf({ latency_ms: latency, backlog, instances }) {
  return [
    instances?.known > 1 && `${instances.ok} of ${instances.known} instances work`,
    latency !== undefined && `answers in ${duration(latency)}`,
    backlog && (backlog.events === 0 || backlog.oldest_seconds === 0 ? 'no backlog'
      : `${backlog.events === undefined ? 'backlog' : plural(backlog.events, 'event')} waiting, oldest ${duration(1000 * backlog.oldest_seconds)}`),
  ].filter(Boolean)
}

/** Announces a change of a stage. When a stage recovers, failed calls are retried at once. */
function announceChange(stage) {
  const before = known.get(stage.stage)
  known.set(stage.stage, stage.state)
  if (before === undefined || before === stage.state) return
  announce(`${nameOf(stage)}: ${states[stage.state]}. ${stage.reason ?? ''}`)
  if (stage.state === 'ok') retryFailing()
}
