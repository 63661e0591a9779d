import { get } from './api.js'
import { createChart } from './chart.js'
import { byId, el } from './dom.js'
import { count, percent } from './format.js'
import { section, setFigure } from './section.js'
import { local, timeOf } from './times.js'
import { currentWindow, onWindowChange } from './window.js'

let last = null
const chart = createChart(byId('volume-chart'), describe)
const table = byId('volume-rows').closest('details')

export const volume = section('volume', {
  load: signal => get('/volume', { window: currentWindow() }, signal),
  render(answer) {
    last = answer
    const received = answer.accepted + answer.rejected
    setFigure(byId('volume-accepted'), answer.accepted, count(answer.accepted))
    setFigure(byId('volume-rejected'), answer.rejected, count(answer.rejected))
    setFigure(byId('volume-rate'), received && answer.rejected / received, received ? percent(answer.rejected / received) : '–')
    chart.draw(drawn(answer))
    byId('volume-chart').setAttribute('role', 'img')
    byId('volume-chart').setAttribute('aria-label', `${count(answer.accepted)} events accepted and ${count(answer.rejected)} rejected; the table below has every figure.`)
    fillTable()
    return received + answer.warnings > 0 ? 'ready' : 'empty'
  },
})

onWindowChange(volume.restart)
table.addEventListener('toggle', fillTable)

/** Centres bars in their buckets, so that the bar nearest to the pointer is the one below it. */
function drawn({ bucket_seconds: bucket, points }) {
  const starts = points.map(point => Date.parse(point.at) / 1000)
  return {
    bucket, from: starts[0], to: starts.at(-1) + bucket,
    times: starts.map(start => start + bucket / 2),
    accepted: points.map(point => point.accepted),
    rejected: points.map(point => point.rejected),
  }
}

function describe(index) {
  const point = last.points[index]
  const end = Date.parse(point.at) + last.bucket_seconds * 1000
  return [
    el('p', { class: 'tip-time' }, `${local(point.at, 'dayMinute')}–${local(end, 'minute')}${index === last.points.length - 1 ? ', so far' : ''}`),
    el('p', {}, el('span', { class: 'key key-accepted' }), 'Accepted', el('b', {}, count(point.accepted))),
    el('p', {}, el('span', { class: 'key key-rejected' }), 'Rejected', el('b', {}, count(point.rejected))),
    el('p', {}, el('span', { class: 'key key-none' }), 'Warnings', el('b', {}, count(point.warnings))),
  ]
}

/** The same data as a table, newest first; created when it is opened. */
function fillTable() {
  if (!table.open || last === null) return
  byId('volume-rows').replaceChildren(...last.points.toReversed().map(point => el('tr', {},
    el('th', { scope: 'row' }, timeOf(point.at, 'dayMinute')),
    ...[point.accepted, point.rejected, point.warnings].map(value => el('td', { class: 'number' }, count(value))))))
}
