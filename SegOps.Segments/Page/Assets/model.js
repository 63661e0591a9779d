// The builder's form of a rule: a tree that keeps what is typed, even if it is not valid yet. No module of the document.
import { newTest, writeTest } from './test-model.js'

let lastId = 0
export const newId = () => `n${++lastId}`
const node = parts => ({ id: newId(), nots: 0, ...parts })

export const newGroup = (op = 'all', rules = []) => node({ kind: 'group', op, rules })
export const newWindow = () => ({ form: 'ever', within: 'P30D', from: { form: 'ago', text: 'P30D' }, to: { form: 'now', text: '' } })
export const newFilter = () => ({ eventType: '', where: newGroup() })

/** Creates an empty condition of a type: `user_property`, `payload`, `event`, `sequence` or `segment`. */
export const newCondition = type => node({ kind: 'condition', type, extra: {}, ...{
  user_property: () => ({ path: '', test: newTest() }),
  payload: () => ({ path: '', test: newTest() }),
  event: () => ({ events: newFilter(), measure: 'count', count: { form: 'at_least', low: '1', high: '' }, path: '', test: newTest('at_least', 'number'), window: { ...newWindow(), form: 'within' } }),
  sequence: () => ({ first: newFilter(), then: newFilter(), gap: 'P1D', same: '', happens: true, window: { ...newWindow(), form: 'within' } }),
  segment: () => ({ segmentId: '' }),
}[type]() })

/** Converts the builder's tree to a rule. */
export const toRule = root => root.isBare && root.rules.length === 1 ? write(root.rules[0]) : write(root)

/** Each node with its path in the rule, in document order: `visit(node, path, condition)`, whose condition is the one that a payload test belongs to. */
export function walk(root, visit) {
  if (root.isBare && root.rules.length === 1) each(root.rules[0], 'rule', null)
  else each(root, 'rule', null)

  function each(part, before, condition) {
    const path = before + '.not'.repeat(part.nots)
    visit(part, path, condition ?? part)
    if (part.kind === 'group') {
      if (part.isBare && part.rules.length === 1) return each(part.rules[0], path, condition)
      part.rules.forEach((inner, index) => each(inner, `${path}.${part.op}[${index}]`, condition))
    }
    if (part.type === 'event') filter(part.events, path, part)
    if (part.type === 'sequence') {
      filter(part.first, `${path}.first`, part)
      filter(part.then, `${path}.then`, part)
    }
  }

  function filter({ where }, path, condition) {
    if (where.rules.length > 0) each(where, `${path}.where`, condition)
  }
}

function write(part) {
  let rule = part.kind === 'group' ? { [part.op]: part.rules.map(write) } : writeCondition(part)
  for (let left = part.nots; left > 0; left--) rule = { not: rule }
  return rule
}

const writeCondition = condition => ({ ...writers[condition.type](condition), ...condition.extra })

const writers = {
  user_property: ({ path, test }) => ({ type: 'user_property', property: path, ...writeTest(test) }),
  payload: ({ path, test }) => ({ payload: path, ...writeTest(test) }),
  event: ({ events, measure, count, path, test, window }) => ({
    type: 'event', event_type: events.eventType, ...measure !== 'count' ? { aggregate: { [measure]: path }, ...writeTest(test) } : writeCount(count), ...writeWindow(window), ...writeWhere(events.where),
  }),
  sequence: ({ first, then, gap, same, happens, window }) => ({
    type: 'sequence', first: writeFilter(first), then: writeFilter(then), gap, ...same === '' ? {} : { same }, happens, ...writeWindow(window),
  }),
  segment: ({ segmentId }) => ({ type: 'segment', segment_id: segmentId }),
}

const writeFilter = ({ eventType, where }) => ({ event_type: eventType, ...writeWhere(where) })
const writeWhere = where => where.rules.length === 0 ? {} : { where: toRule(where) }
const number = typed => typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : typed
const writeCount = ({ form, low, high }) => form === 'default' ? {} : { count: { [form]: form === 'between' ? [number(low), number(high)] : number(low) } }
const writeMoment = ({ form, text: typed }) => form === 'at' ? typed : { [form]: typed }

function writeWindow({ form, within, from, to }) {
  if (form === 'ever') return {}
  if (form === 'within') return { within }
  return { ...from.form === 'start' ? {} : { from: writeMoment(from) }, ...to.form === 'now' ? {} : { to: writeMoment(to) } }
}
