import { el } from './dom.js'
import { find } from './receipt.js'
import { setTime, timeOf } from './times.js'

const previewLength = 240

/** An event: a line that expands to all its fields. All values are set as text. */
export function createRow(event) {
  const received = el('time', { class: 'live-time' })
  setTime(received, event.received_at, 'clock')
  const details = el('details', {},
    el('summary', {}, received, el('span', { class: 'live-type' }, event.event_type), el('span', { class: 'live-user' }, event.user_id),
      el('span', { class: 'live-payload' }, JSON.stringify(event.payload ?? {}).slice(0, previewLength))))
  details.addEventListener('toggle', () => details.append(everythingOf(event)), { once: true })
  const row = el('li', { 'data-event-id': event.event_id }, details)
  row.receivedAt = Date.parse(event.received_at)
  return row
}

function everythingOf(event) {
  const fields = [
    ['Event id', el('button', { class: 'link', type: 'button', title: 'Where is it?', onclick: () => find(event.event_id) }, el('code', {}, event.event_id))], ['Request id', event.request_id && el('code', {}, event.request_id)],
    ['Occurred', timeOf(event.occurred_at, 'full')], ['Received', timeOf(event.received_at, 'full')],
  ].filter(([, value]) => value)
  return el('div', { class: 'live-more' },
    el('dl', {}, ...fields.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    el('pre', { tabindex: '0', 'aria-label': 'Payload' }, JSON.stringify(event.payload ?? {}, null, 2)))
}
