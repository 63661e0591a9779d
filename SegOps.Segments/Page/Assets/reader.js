// Reads rules for the builder. No module of the document.
import { newCondition, newGroup, newWindow } from './model.js'
import { readTest } from './test-model.js'

/** The builder cannot show the rule at this path. It can still be edited as JSON. */
export class Unreadable extends Error {
  constructor(path, message) {
    super(message)
    this.path = path
  }
}

/** Converts a rule to the builder's tree, whose root is a group. A single condition gets a group that is left out again. */
export function fromRule(rule) {
  const root = read(rule, 'rule', false)
  return root.kind === 'group' && root.nots === 0 ? root : { ...newGroup('all', [root]), isBare: true }
}

function read(rule, path, isWhere) {
  if (rule === null || typeof rule !== 'object' || Array.isArray(rule)) throw new Unreadable(path, 'A group or a condition is an object.')
  const { all, any, not, ...rest } = rule
  if (not !== undefined && rule.type === undefined && all === undefined && any === undefined && isEmpty(rest)) {
    const inner = read(not, `${path}.not`, isWhere)
    return { ...inner, nots: inner.nots + 1 }
  }
  const op = all !== undefined ? 'all' : any !== undefined ? 'any' : null
  if (op === null) return readCondition(rule, path, isWhere)
  if (!Array.isArray(rule[op]) || !isEmpty(rest) || not !== undefined || all !== undefined && any !== undefined) throw new Unreadable(path, `A group has one list, "all" or "any", and nothing else.`)
  return newGroup(op, rule[op].map((part, index) => read(part, `${path}.${op}[${index}]`, isWhere)))
}

function readCondition(rule, path, isWhere) {
  if (isWhere) {
    const { payload, ...rest } = rule
    const condition = newCondition('payload')
    condition.path = text(payload, path, 'payload')
    condition.test = readTest(rest, fault(path), condition.extra)
    return condition
  }
  const { type, ...rest } = rule
  if (!Object.hasOwn(readers, String(type))) throw new Unreadable(`${path}.type`, 'A condition has a type: user_property, event, sequence or segment.')
  const condition = newCondition(type)
  readers[type](condition, rest, path)
  return condition
}

const readers = {
  user_property(condition, { property, ...rest }, path) {
    condition.path = text(property, path, 'property')
    condition.test = readTest(rest, fault(path), condition.extra)
  },
  event(condition, { count, aggregate, operator, value, ...rest }, path) {
    condition.events = readFilter(rest, path)
    condition.window = readWindow(rest, path)
    if (aggregate !== undefined) readAggregate(condition, { aggregate, operator, value, count }, path)
    else condition.count = readCount(count, `${path}.count`)
    keep(condition, rest, ['event_type', 'where', 'within', 'from', 'to'])
    if (aggregate === undefined) keep(condition, { operator, value }, [])
  },
  sequence(condition, { first, then, gap, same, happens, ...rest }, path) {
    condition.first = readFilter(first, `${path}.first`, true)
    condition.then = readFilter(then, `${path}.then`, true)
    condition.gap = text(gap, path, 'gap')
    condition.same = same === undefined ? '' : text(same, path, 'same')
    if (happens !== undefined && typeof happens !== 'boolean') throw new Unreadable(`${path}.happens`, 'happens is true or false.')
    condition.happens = happens ?? true
    condition.window = readWindow(rest, path)
    keep(condition, rest, ['within', 'from', 'to'])
  },
  segment(condition, { segment_id: id, ...rest }, path) {
    condition.segmentId = text(id, path, 'segment_id')
    keep(condition, rest, [])
  },
}

function readFilter(filter, path, isAlone = false) {
  if (filter === null || typeof filter !== 'object' || Array.isArray(filter)) throw new Unreadable(path, 'An event has an event_type.')
  const others = Object.keys(filter).filter(name => name !== 'event_type' && name !== 'where')
  if (isAlone && others.length > 0) throw new Unreadable(`${path}.${others[0]}`, 'An event of a sequence has event_type and where only.')
  return { eventType: text(filter.event_type, path, 'event_type'), where: filter.where === undefined ? newGroup() : readWhere(filter.where, `${path}.where`) }
}

function readWhere(where, path) {
  const root = read(where, path, true)
  return root.kind === 'group' ? root : { ...newGroup('all', [root]), isBare: true }
}

function readAggregate(condition, { aggregate, operator, value, count }, path) {
  const entries = aggregate === null || typeof aggregate !== 'object' ? [] : Object.entries(aggregate)
  if (entries.length !== 1 || count !== undefined) throw new Unreadable(`${path}.aggregate`, 'An aggregate has one function, such as {"sum":"total"}, and no count.')
  const [[name, of]] = entries
  if (!['sum', 'min', 'max', 'avg', 'distinct'].includes(name)) throw new Unreadable(`${path}.aggregate.${name}`, 'The functions are sum, min, max, avg and distinct.')
  condition.measure = name
  condition.path = text(of, `${path}.aggregate`, name)
  condition.test = readTest({ operator, value }, fault(path), {})
}

function readCount(count, path) {
  if (count === undefined) return { form: 'default', low: '1', high: '' }
  const names = count === null || typeof count !== 'object' ? [] : Object.keys(count)
  if (names.length === 2 && 'at_least' in count && 'at_most' in count) return readCount({ between: [count.at_least, count.at_most] }, path)
  const [name] = names
  if (names.length !== 1 || !['at_least', 'at_most', 'exactly', 'between'].includes(name)) throw new Unreadable(path, 'A count has one of at_least, at_most, exactly and between.')
  const [low, high = ''] = [count[name]].flat()
  if ([low, high].some(bound => bound !== '' && typeof bound !== 'number') || Array.isArray(count[name]) !== (name === 'between')) throw new Unreadable(`${path}.${name}`, 'A count is a whole number.')
  return { form: name, low: String(low), high: String(high) }
}

function readWindow({ within, from, to }, path) {
  const window = newWindow()
  if (within !== undefined && from === undefined && to === undefined) return { ...window, form: 'within', within: text(within, path, 'within') }
  if (within !== undefined) throw new Unreadable(`${path}.within`, 'Give within, or from and to.')
  if (from === undefined && to === undefined) return window
  return { ...window, form: 'between', from: readMoment(from, `${path}.from`, 'start'), to: readMoment(to, `${path}.to`, 'now') }
}

/** A moment of a window; `absent` is its form if it is not given. */
function readMoment(moment, path, absent) {
  if (moment === undefined) return { form: absent, text: '' }
  if (typeof moment === 'string') return { form: 'at', text: moment }
  const [[form, value] = [], ...more] = Object.entries(moment ?? {})
  if (more.length > 0 || !['ago', 'in'].includes(form) || typeof value !== 'string') throw new Unreadable(path, 'A time is a text, or {"ago":"P14D"}, or {"in":"P14D"}.')
  return { form, text: value }
}

const isEmpty = value => Object.keys(value).length === 0
const fault = path => (name, message) => new Unreadable(`${path}.${name}`, message)

function text(value, path, name) {
  if (typeof value !== 'string') throw new Unreadable(`${path}.${name}`, `${name} is a text.`)
  return value
}

/** Keeps members that the builder does not know, so that the service reports them. */
function keep(condition, members, known) {
  for (const [name, value] of Object.entries(members)) if (!known.includes(name) && value !== undefined) condition.extra[name] = value
}
