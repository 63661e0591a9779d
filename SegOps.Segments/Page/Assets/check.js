import { get, parseExactly, send } from './api.js'
import { byId, definitions, el, setText } from './dom.js'
import { count } from './format.js'
import { nameOf, ruleOf } from './list.js'
import { lookup } from './lookup.js'
import { expand, leavesOf } from './rule.js'
import { timeOf } from './times.js'
import { describe } from './words.js'

const line = byId('check-line'), answer = byId('check-answer')
const longestId = 256
const root = byId('check'), hint = byId('check-hint')
let subject = { id: null, rule: null }

/** Checks users against `rule` from now on, or against the saved segment `id`, if it has that rule. */
export function setSubject(id, rule) {
  subject = { id, rule }
}

/** Marks the answer that is shown as one of an earlier rule, while the rule cannot be checked. */
export function setOutdated(isOutdated) {
  const isOld = isOutdated && answer.dataset.match !== undefined
  root.toggleAttribute('data-stale', isOld)
  setText(hint, isOld ? 'against the rule before its last change' : 'against the rule as it is above, live')
}

export const check = lookup('check', {
  check: typed => subject.rule === null ? 'Complete the rule first.' : typed.trim() === '' ? 'Type the id of a user.' : [...typed].length > longestId ? `A user id has at most ${longestId} characters.` : '',
  async load(user, signal) {
    const { id, rule } = subject
    if (rule === null) return null
    const found = id === null ? await send('POST', '/api/segments/explain', { body: { rule, user_id: user }, signal, parse: parseExactly })
      : await get(`/api/segments/${id}/user`, { user_id: user }, signal, parseExactly)
    return { ...found, rule }
  },
  clear() {
    delete answer.dataset.match
    line.replaceChildren()
    answer.replaceChildren()
    setOutdated(false)
  },
  render(found) {
    if (found === null) return false
    answer.dataset.match = found.match
    line.replaceChildren(verdictOf(found))
    const leaves = new Map(leavesOf(expand(found.rule, ruleOf)).map(({ path, condition }) => [path, condition]))
    answer.replaceChildren(el('ol', { class: 'reasons' }, ...found.conditions.map(condition => reasonOf(condition, leaves.get(condition.path)))))
    return false
  },
})

/** The line that screen readers read at once. */
function verdictOf({ user_id: user, match, known, as_of: at, next_change_at: next, member }) {
  return el('p', { class: 'answer-line' },
    el('span', { class: 'badge', 'data-verdict': match ? 'in' : 'out' }, match ? 'In' : 'Out'),
    el('span', {}, el('b', {}, el('bdi', {}, user)), match ? ' matches the rule' : ' does not match the rule', ' at ', timeOf(at, 'clock'), '.',
      known === false && ' No event of this user is stored.',
      ...member?.is_member ? [' Member since ', timeOf(member.since, 'full'), '.'] : [],
      ...next ? [' This can change without a new event at ', timeOf(next, 'full'), '.'] : []))
}

function reasonOf({ path, type, match, observed, state, set_by: setBy, count: number, missing, decided_by: decidedBy = [], changes_at: changesAt }, condition) {
  const value = state === 'unset' ? el('span', { class: 'muted' }, 'unset') : observed !== undefined && el('span', {}, el('code', {}, el('bdi', {}, JSON.stringify(observed))), state === 'other_type' && ' of another type')
  const isNegated = /\.not$/.test(path)
  const others = decidedBy.filter(id => id !== setBy?.event_id)
  return el('li', { class: 'reason', 'data-path': path, 'data-match': String(match) },
    el('p', { class: 'reason-head' },
      el('span', { class: match !== isNegated ? 'icon icon-ok' : 'icon icon-no', 'aria-hidden': 'true' }),
      el('span', {}, el('b', {}, match ? 'True: ' : 'False: '), el('bdi', {}, condition ? describe(condition, nameOf) : type ?? path), isNegated && el('span', { class: 'muted' }, ' (must not be true)'))),
    definitions([
      ['Observed', value],
      ['Events', number !== undefined && count(number)],
      [isNegated ? 'Would be true with' : 'Missing', missing && el('bdi', {}, missing)],
      ['Set by event', setBy && el('span', { class: 'ids' }, el('code', {}, setBy.event_id), setBy.set_at && timeOf(setBy.set_at, 'full'))],
      ['Decided by', others.length > 0 && el('span', { class: 'ids' }, ...others.map(id => el('code', {}, id)))],
      ['Changes by itself', changesAt && timeOf(changesAt, 'full')],
    ], { class: 'facts' }))
}
