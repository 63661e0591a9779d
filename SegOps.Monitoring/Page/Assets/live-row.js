import { definitions, el } from './dom.js'
import { linkTo } from './lookup.js'
import { setTime, timeOf } from './times.js'

const previewLength = 240

/** An event: a line that expands to all its fields. All values are set as text. */
export function createRow(event, timeFormat = 'clock') {
  const received = el('time', { class: 'live-time' })
  setTime(received, event.received_at, timeFormat)
  const details = el('details', {},
    el('summary', {}, received, el('span', { class: 'live-type', dir: 'auto' }, event.event_type), el('span', { class: 'live-user', dir: 'auto' }, event.user_id),
      el('span', { class: 'live-payload' }, JSON.stringify(event.payload ?? {}).slice(0, previewLength))))
  details.addEventListener('toggle', () => details.append(everythingOf(event)), { once: true })
  const row = el('li', { 'data-event-id': event.event_id }, details)
  row.receivedAt = Date.parse(event.received_at)
  return row
}

function everythingOf(event) {
  return el('div', { class: 'live-more' },
    definitions([
      ['Event id', linkTo('receipt', event.event_id, 'Where is it?')], ['Request id', event.request_id && el('code', {}, event.request_id)],
      ['User id', linkTo('user', event.user_id, 'Look up')],
      ['Occurred', timeOf(event.occurred_at, 'full')], ['Received', timeOf(event.received_at, 'full')],
    ]),
    el('pre', { tabindex: '0', 'aria-label': 'Payload' }, JSON.stringify(event.payload ?? {}, null, 2)))
}
