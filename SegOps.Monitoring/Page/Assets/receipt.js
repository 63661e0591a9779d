import { get } from './api.js'
import { byId, definitions, el } from './dom.js'
import { duration } from './format.js'
import { lookup } from './lookup.js'
import { timeOf } from './times.js'

const answer = byId('receipt-answer')
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
/** Number of look-ups of an event in flight, one per second. The limit ends them on a page that stays open. */
const mostLooks = 300

const names = { stored: 'Stored', dead_lettered: 'Dead-lettered', in_flight: 'In flight', rejected: 'Refused', unknown: 'Unknown' }
const meanings = {
  stored: 'It is stored and can be queried.',
  rejected: 'It was rejected. Correct it as follows and send it again; it can keep its id.',
}

let looks = 0, last = ''

lookup('receipt', {
  check: typed => typed.trim() === '' ? 'Paste the id of an event.' : uuid.test(typed.trim()) ? '' : 'An event id has 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.',
  load: (typed, signal) => get(`/api/ingestion/events/${typed.trim().toLowerCase()}`, {}, signal),
  clear() {
    ;[looks, last] = [0, '']
    answer.replaceChildren()
  },
  render(receipt) {
    const looksAgain = receipt.state === 'in_flight' && ++looks < mostLooks
    show(receipt, looksAgain)
    return looksAgain
  },
})

/** Updates only changed texts, because a screen reader reads each update. */
function show(receipt, looksAgain) {
  const { state, reason, errors = [] } = receipt
  const text = JSON.stringify([receipt, looksAgain])
  if (text === last) return
  last = text
  answer.dataset.receiptState = state
  answer.replaceChildren(
    el('p', { class: 'answer-line' }, el('span', { class: 'badge', 'data-receipt': state }, names[state] ?? state), el('span', {}, meanings[state] ?? reason ?? '')),
    ...(state === 'in_flight' ? [el('p', { class: 'note' }, looksAgain ? 'This page checks again every second.' : 'This page has stopped checking. Press Find to check again.')] : []),
    factsOf(receipt),
    ...(errors.length > 0 ? [el('ul', { class: 'groups' }, ...errors.map(faultOf))] : []))
}

const factsOf = receipt => definitions([
  ['Event id', el('code', {}, receipt.event_id)],
  ['Event type', receipt.event_type && el('code', {}, receipt.event_type)],
  ['Occurred', receipt.occurred_at && timeOf(receipt.occurred_at, 'full')],
  ['Received', receipt.received_at && timeOf(receipt.received_at, 'full')],
  ['Stored', receipt.stored_at && el('span', {}, timeOf(receipt.stored_at, 'full'), ...after(receipt))],
  ['Dead-lettered', receipt.dead_lettered_at && timeOf(receipt.dead_lettered_at, 'full')],
  ['Request id', receipt.request_id && el('code', {}, receipt.request_id)],
], { class: 'facts' })

/** Hides a negative delay, which different clocks of two servers can cause. */
function after({ received_at: received, stored_at: stored }) {
  const ms = Date.parse(stored) - Date.parse(received)
  return ms >= 0 ? [`, ${duration(ms)} later`] : []
}

const faultOf = ({ code, field, message, fix }) => el('li', { class: 'group', 'data-code': code, 'data-field': field },
  el('h3', {}, el('span', { class: 'icon icon-down', 'aria-hidden': 'true' }), el('code', {}, code), field && el('span', { class: 'muted' }, ' in ', el('code', {}, field))),
  el('p', { class: 'group-message' }, message),
  el('p', { class: 'group-fix' }, el('b', {}, 'Fix '), el('span', {}, fix)))
