import { announce, byId, el, setText } from './dom.js'
import { compact, count, duration, percent, plural } from './format.js'
import { explain } from './section.js'
import { setFigure } from './section.js'
import { timeOf } from './times.js'

const root = byId('result'), figure = byId('count'), of = byId('count-of'), bar = byId('count-bar'), status = byId('count-status'), cost = byId('cost')
const samples = byId('samples'), failure = byId('count-failure'), again = byId('count-again')
const settled = 1200
let timer

/** Shows what the counter found; `check(userId)` is called for a sample that is clicked. */
export function showResult(result, check) {
  root.dataset.count = result.state
  root.setAttribute('aria-busy', String(result.state === 'counting'))
  failure.hidden = result.state !== 'failed'
  again.hidden = result.state !== 'counted' && result.state !== 'failed'
  shows[result.state](result, check)
}

const shows = {
  /** The previous figures stay, grey. */
  counting: () => say('Counting…'),
  incomplete: () => none('Complete the rule to see who matches it.'),
  faulty: ({ faults }) => none(`${plural(faults.length, 'fault')} in the rule.`),
  failed({ error, cost: estimate }) {
    none('Not counted.')
    failure.hidden = error.isAway
    failure.replaceChildren(...explain(error))
    if (estimate) showCost(estimate)
  },
  counted({ by, count: matching, users, as_of: at, cost: spent, samples: ids }, check) {
    root.dataset.by = by
    setFigure(figure, matching, count(matching))
    setText(of, users > 0 ? `of ${count(users)} users, ${percent(matching / users)}` : 'No event is stored in this environment yet.')
    bar.style.width = `${users > 0 ? 100 * matching / users : 0}%`
    status.replaceChildren(by === 'browser' ? 'Computed in the browser from the count at ' : 'Counted at ', timeOf(at, 'clock'))
    if (spent) showCost(spent)
    else cost.replaceChildren()
    showSamples(ids, check)
    clearTimeout(timer)
    timer = setTimeout(() => announce(`${count(matching)} of ${plural(users, 'user')} match.`), settled)
  },
}

function none(text) {
  delete root.dataset.by
  figure.removeAttribute('data-value')
  setText(figure, '–')
  setText(of, '')
  bar.style.width = '0'
  cost.replaceChildren()
  samples.replaceChildren()
  say(text)
}

const say = text => status.replaceChildren(text)

function showCost({ rows, bytes, estimated_ms: estimated, read_rows: read, elapsed_ms: elapsed }) {
  const parts = [
    read !== undefined ? `${compact(read)} rows read` : rows !== undefined && `about ${compact(rows)} rows`,
    read === undefined && bytes !== undefined && size(bytes),
    elapsed !== undefined ? duration(elapsed) : estimated !== undefined && `about ${duration(estimated)}`,
  ].filter(Boolean)
  setText(cost, `Cost: ${parts.join(', ')}`)
  cost.title = estimated === undefined ? '' : `Estimated before: ${count(rows ?? 0)} rows, ${size(bytes ?? 0)}, ${duration(estimated)}`
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${compact(bytes / 1000 ** step)} ${units[step]}`
}

/** None of a count that the browser computed: the patterns name no users. */
function showSamples(ids, check) {
  if (ids === undefined) return samples.replaceChildren(el('p', { class: 'note' }, 'Count again to see some of the users.'))
  if (ids.length === 0) return samples.replaceChildren()
  samples.replaceChildren(el('p', { class: 'note', id: 'samples-title' }, 'Some of them. Click one to see why:'),
    el('ul', { class: 'chips', 'aria-labelledby': 'samples-title' }, ...ids.map(id => el('li', {}, el('button', { type: 'button', class: 'chip', onclick: () => check(id) }, el('bdi', {}, id))))))
}
