import { get } from './api.js'
import { announce, byId, el, setText } from './dom.js'
import { count, plural } from './format.js'
import { drawFlow } from './flow.js'
import { poll } from './poll.js'
import { frame } from './section.js'
import { timeOf } from './times.js'

const root = byId('changes'), rows = byId('changes-rows')
/** Seconds that a call waits for a change, and milliseconds after which the page gives it up. */
const wait = 25, patience = 40_000
/** Milliseconds between an answer and the next call: a busy segment must not use up the project's calls. */
const every = 2000
const most = 200
const shown = frame(root)
const histories = new Map()
const reasons = { data: 'new data', time: 'time passed', rule: 'the rule changed', repair: 'a repair', initial: 'first computation' }
let history = null, check = () => {}

const polling = poll(every, async signal => {
  const mine = history
  try {
    const answer = await get(`/api/segments/${mine.id}/changes`, { cursor: mine.cursor, wait: mine.cursor === undefined ? 0 : wait }, signal, JSON.parse, patience)
    if (signal.aborted) return
    mine.cursor = answer.next_cursor
    add(mine, answer.changes)
  } catch (error) {
    if (signal.aborted) return
    if (error.code === 'cursor_expired') mine.cursor = undefined
    if (error.isFinal && error.code !== 'cursor_expired') polling.stop()
    shown.fail(error)
    throw error
  }
})

/** Follows the changes of a segment. Those that were seen before in this tab stay. */
export function follow(id, explain) {
  polling.stop()
  check = explain
  root.hidden = id === null
  if (id === null) return
  if (!histories.has(id)) histories.set(id, { id, cursor: undefined, since: Date.now(), changes: [], entered: 0, exited: 0 })
  history = histories.get(id)
  shown.reset()
  render()
  polling.start()
}

function add(to, changes) {
  for (const change of changes) to[change.change]++
  to.changes = [...changes.toReversed(), ...to.changes].slice(0, most)
  if (to !== history) return
  render()
  shown.show(to.changes.length > 0 ? 'ready' : 'empty')
  if (changes.length > 0) announce(`${plural(changes.length, 'change')} of members.`)
}

function render() {
  const { since, changes, entered, exited } = history
  setText(byId('changes-entered'), count(entered))
  setText(byId('changes-exited'), count(exited))
  byId('changes-since').replaceChildren('since ', timeOf(since, 'clock'))
  rows.replaceChildren(...changes.map(rowOf))
  drawFlow(byId('changes-flow'), changes, Date.now())
}

const rowOf = ({ user_id: user, change, at, reason }) => el('li', { class: 'change', 'data-change': change },
  el('span', { class: 'change-sign' }, change === 'entered' ? '+ entered' : '− exited'),
  el('button', { type: 'button', class: 'link', title: 'Why?', onclick: () => check(user) }, el('bdi', {}, user)),
  el('span', { class: 'muted' }, reasons[reason] ?? reason), timeOf(at, 'clock'))

// The chart ends now, also if nothing changes.
setInterval(() => {
  if (history !== null && !root.hidden && !document.hidden) drawFlow(byId('changes-flow'), history.changes, Date.now())
}, 10_000)
