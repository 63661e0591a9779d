import { get } from './api.js'
import { byId, el, renderList, setText } from './dom.js'
import { compact, count, duration } from './format.js'
import { section } from './section.js'
import { setTime } from './times.js'

const states = { computing: 'Computing', ready: 'Ready', stale: 'Behind' }
const listeners = new Set()
let segments = null, selected = ''

/** The segments of the project, by name; null before the first answer. */
export const known = () => segments
export const nameOf = id => segments?.find(segment => segment.id === id)?.name
export const ruleOf = id => segments?.find(segment => segment.id === id)?.rule
/** Calls `listener(segments)` after each answer. */
export const onSegments = listener => listeners.add(listener)

export const list = section('segments', {
  every: 3000,
  load: signal => get('/api/segments/', {}, signal),
  render(answer) {
    segments = answer.segments
    renderList(byId('segment-rows'), segments, segment => segment.id, createRow)
    setText(byId('segments-hint'), segments.length > 0 ? count(segments.length) : '')
    for (const listener of listeners) listener(segments)
    return segments.length > 0 ? 'ready' : 'empty'
  },
})

/** Marks the segment that the page shows. */
export function select(id) {
  selected = id
  for (const row of byId('segment-rows').children) mark(row.firstElementChild)
  byId('new-segment').toggleAttribute('aria-current', id === 'new')
}

const mark = link => link.parentElement.dataset.key === selected ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current')

function createRow({ id }) {
  const [name, number, state, at] = [el('span', { class: 'row-name' }), el('span', { class: 'row-count' }), el('span', { class: 'row-state' }), el('time')]
  const updated = el('span', {}, 'updated ', at)
  const link = el('a', { class: 'row', href: `#${id}` }, name, number, el('span', { class: 'row-facts' }, state, updated))
  const element = el('li', { 'data-segment': id }, link)
  return {
    element,
    update(segment) {
      setText(name, segment.name)
      setText(number, segment.count === undefined ? '–' : segment.count < 100_000 ? count(segment.count) : compact(segment.count))
      if (segment.count !== undefined) element.dataset.count = segment.count
      showState(state, segment)
      updated.hidden = segment.computed_at === undefined
      if (segment.computed_at !== undefined) setTime(at, segment.computed_at, 'ago')
      mark(link)
    },
  }
}

/** A segment that is ready and at most some seconds behind has no lag to tell. */
export function showState(element, { state, lag_seconds: lag, failure }) {
  element.dataset.state = failure ? 'failed' : state
  element.title = failure ?? ''
  setText(element, failure ? 'Failed' : state === 'stale' && lag !== undefined ? `${duration(lag * 1000)} behind` : states[state] ?? state)
}
