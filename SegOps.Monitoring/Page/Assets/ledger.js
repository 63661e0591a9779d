import { get } from './api.js'
import { announce, byId, el, setText } from './dom.js'
import { count, plural } from './format.js'
import { showMissing } from './health.js'
import { section, setFigure } from './section.js'
import { timeOf } from './times.js'

const names = ['received', 'stored', 'duplicates', 'rejected', 'dead_lettered', 'in_flight', 'missing']
const verdict = byId('ledger-verdict'), advice = byId('ledger-advice'), uncounted = byId('ledger-uncounted')
const table = byId('ledger-rows').closest('details')
let last = null

export const ledger = section('ledger', {
  load: signal => get('/ledger', { window: '1h' }, signal),
  render(answer) {
    last = answer
    // Missing events of earlier hours also raise the alarm, although their minutes are not shown.
    const { totals, alarm, state } = answer
    for (const name of names) setFigure(byId(`ledger-${name}`), totals[name], count(totals[name]))
    byId('ledger-missing').parentElement.hidden = totals.missing === 0
    setText(uncounted, totals.uncounted === 0 ? '' : `Of these, ${plural(totals.uncounted, 'event')} were not counted on receipt, for example because a server was killed. They are stored.`)
    judge(alarm ? 'missing' : state === 'in_flight' && !isHeld(answer) ? 'balanced' : state, totals, alarm)
    showMissing(alarm?.missing ?? 0)
    fillTable()
    return totals.received > 0 || alarm ? 'ready' : 'empty'
  },
})

table.addEventListener('toggle', fillTable)

/** Some events of the latest minutes are always in flight, so only earlier minutes are coloured. */
const isHeld = ({ minutes }) => minutes.slice(0, -2).some(minute => minute.in_flight > 0)

function judge(state, totals, alarm) {
  if (state === 'missing' && verdict.dataset.ledger !== 'missing') announce(`${plural(alarm.missing, 'accepted event')} missing.`)
  verdict.dataset.ledger = state
  const icon = { balanced: 'ok', in_flight: 'degraded', missing: 'down' }[state]
  const words = {
    balanced: () => [`Every event accounted for${totals.in_flight > 0 ? `, ${count(totals.in_flight)} on the way` : ''}`],
    in_flight: () => [`${plural(totals.in_flight, 'event')} on the way`],
    missing: () => [`${plural(alarm.missing, 'event')} missing since `, timeOf(alarm.since, 'dayMinute')],
  }[state]()
  verdict.replaceChildren(el('span', { class: `icon icon-${icon}`, 'aria-hidden': 'true' }), el('span', {}, ...words))
  setText(advice, state === 'missing'
    ? 'They were accepted, and are neither stored nor waiting for a correction. Resend all events since then with the same event_id. Stored events count once.'
    : '')
}

/** The table by minute, newest first; created when it is opened. */
function fillTable() {
  if (!table.open || last === null) return
  byId('ledger-rows').replaceChildren(...last.minutes.toReversed().map(minute => el('tr', {},
    el('th', { scope: 'row' }, timeOf(minute.at, 'minute')),
    ...names.map(name => el('td', { class: 'number', 'data-missing': name === 'missing' && minute.missing > 0 }, count(minute[name]))))))
}
