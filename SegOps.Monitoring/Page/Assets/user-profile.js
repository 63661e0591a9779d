import { get, parseExactly } from './api.js'
import { byId, definitions, el } from './dom.js'
import { plural } from './format.js'
import { createRow } from './live-row.js'
import { linkTo, lookup } from './lookup.js'
import { timeOf } from './times.js'

const line = byId('user-line'), answer = byId('user-answer')
const longestId = 256
const latest = 20
const shortValue = 120

lookup('user', {
  check: typed => typed.trim() === '' ? 'Type the id of a user.' : [...typed].length > longestId ? `A user id has at most ${longestId} characters.` : '',
  load: async (id, signal) => {
    try {
      return await get('/user', { user_id: id, limit: latest }, signal, parseExactly)
    } catch (error) {
      if (error.code === 'user_not_found') return { user_id: id }
      throw error
    }
  },
  clear() {
    delete answer.dataset.user
    line.replaceChildren()
    answer.replaceChildren()
  },
  render(user) {
    const isKnown = user.first_seen !== undefined
    answer.dataset.user = isKnown ? 'known' : 'unknown'
    if (isKnown) showUser(user)
    else showUnknown(user.user_id)
    return false
  },
})

/** Shows the line that screen readers read at once. The rest of the answer can be long. */
const say = (...content) => line.replaceChildren(el('p', { class: 'answer-line' }, ...content))

function showUnknown(id) {
  say(el('span', { class: 'badge' }, 'Unknown'), el('span', {}, 'No event of ', el('bdi', {}, id), ' is stored in this environment.',
    id === id.trim() ? '' : ' The id begins or ends with a space.'))
}

function showUser({ user_id: id, first_seen: first, last_seen: last, traits, events }) {
  say(el('span', {}, el('b', {}, el('bdi', {}, id)), ` has ${plural(traits.length, 'trait')}.`))
  answer.replaceChildren(
    definitions([['First seen', timeOf(first, 'full')], ['Last seen', timeOf(last, 'full')]], { class: 'facts' }),
    el('h3', {}, 'Traits'),
    traits.length > 0 ? tableOf(traits) : el('p', { class: 'note' }, 'None. Events of the type context_identified set them.'),
    el('h3', {}, 'Latest events'),
    el('ol', { class: 'live-rows' }, ...events.map(event => createRow(event, 'full'))))
}

function tableOf(traits) {
  const heads = ['Trait', 'Value', 'Set', 'By event'].map(name => el('th', { scope: 'col' }, name))
  return el('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Traits' },
    el('table', { class: 'traits' }, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...traits.map(rowOf))))
}

const rowOf = ({ name, value, set_at: at, event_id: event }) => el('tr', { 'data-trait': name },
  el('th', { scope: 'row' }, el('bdi', {}, name)), el('td', {}, valueOf(value)), el('td', {}, timeOf(at, 'full')), el('td', {}, linkTo('receipt', event, 'Where is it?')))

/** The value as JSON, which shows its type. A long one is folded. */
function valueOf(value) {
  const text = JSON.stringify(value)
  if (text.length <= shortValue) return el('code', {}, el('bdi', {}, text))
  return el('details', {}, el('summary', {}, el('code', {}, el('bdi', {}, `${text.slice(0, shortValue)}…`))),
    el('pre', { tabindex: '0', 'aria-label': 'Value' }, JSON.stringify(value, null, 2)))
}
