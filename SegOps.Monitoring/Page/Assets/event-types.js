import { get } from './api.js'
import { byId, el, renderList, setText } from './dom.js'
import { count, percent } from './format.js'
import { filterByType } from './live.js'
import { section } from './section.js'
import { currentWindow, onWindowChange } from './window.js'

const before = { '24h': 'the 24 hours before', '7d': 'the 7 days before' }

export const eventTypes = section('event-types', {
  load: signal => get('/event-types', { window: currentWindow(), limit: 10 }, signal),
  render(answer) {
    const types = answer.event_types
    setText(byId('event-types-hint'), answer.warning ?? (answer.distinct > types.length ? `${types.length} of ${count(answer.distinct)}` : ''))
    renderList(byId('event-types-rows'), types, type => type.event_type, createRow)
    byId('live-types').replaceChildren(...types.map(type => el('option', { value: type.event_type })))
    return types.length > 0 ? 'ready' : 'empty'
  },
})

onWindowChange(eventTypes.restart)

function createRow({ event_type: name }) {
  const [bar, number, share, trend] = [el('span', { class: 'bar' }), el('td', { class: 'number' }), el('td', { class: 'number muted' }), el('td', { class: 'number trend' })]
  const show = el('button', { type: 'button', class: 'link', title: 'Show in live events', onclick: () => filterByType(name) }, name)
  const element = el('tr', { 'data-event-type': name }, el('th', { scope: 'row' }, bar, show), number, share, trend)
  return {
    element,
    update(type) {
      bar.style.width = `${100 * type.share}%`
      setText(number, count(type.count))
      setText(share, percent(type.share))
      showTrend(trend, type)
    },
  }
}

/** The sign and the arrow repeat the colour's meaning. */
function showTrend(cell, { previous, trend }) {
  const direction = trend === undefined ? 'new' : trend > 0.005 ? 'up' : trend < -0.005 ? 'down' : 'same'
  cell.dataset.direction = direction
  cell.title = `${count(previous)} in ${before[currentWindow()]}`
  setText(cell, { new: 'new', up: `↑ ${change(trend)}`, down: `↓ ${change(trend)}`, same: '→ 0%' }[direction])
}

const change = trend => Math.abs(trend) >= 10 ? `×${count(Math.round(trend + 1))}` : percent(Math.abs(trend))
