// Says a rule's JSON in words. No module of the document.
import { aggregates, countForms, durationWords, operators } from './operators.js'
import { isGroup, isNot } from './rule.js'

const longest = 60

/** Describes a condition, such as `plan is one of "starter", "free"`. `nameOf(id)` names a segment. */
export function describe(rule, nameOf = () => undefined) {
  if (isNot(rule)) return `not (${describe(rule.not, nameOf)})`
  if (isGroup(rule)) return (rule.all ?? rule.any).map(part => describe(part, nameOf)).join(rule.all ? ' and ' : ' or ')
  return (describers[rule?.type] ?? (() => 'a condition of an unknown type'))(rule, nameOf)
}

const describers = {
  user_property: rule => `${rule.property} ${testWords(rule)}`,
  event: rule => rule.aggregate ? `${figureWords(rule)} ${windowWords(rule)}` : `${rule.event_type}${whereWords(rule.where)} ${countWords(rule.count)} ${windowWords(rule)}`,
  sequence: ({ first, then, gap, same, happens, ...window }) =>
    `${first?.event_type}${whereWords(first?.where)} ${happens === false ? 'not followed' : 'followed'} within ${durationWords(String(gap))} by ${then?.event_type}${whereWords(then?.where)}${same ? ` with the same ${same}` : ''}, ${windowWords(window)}`,
  segment: ({ segment_id: id }, nameOf) => `member of ${nameOf(id) ?? `segment ${id}`}`,
}

function testWords({ operator, value, ignore_case: ignoreCase }) {
  const { words, takes } = operators[operator] ?? { words: operator, takes: 'one' }
  const text = takes === 'none' ? words : takes === 'pair' && Array.isArray(value) ? `${words} ${valueWords(value[0])} and ${valueWords(value[1])}` : `${words} ${[value].flat().map(valueWords).join(', ')}`
  return cut(ignoreCase ? `${text}, ignoring case` : text)
}

function valueWords(value) {
  if (value?.ago !== undefined) return `${durationWords(String(value.ago))} ago`
  if (value?.in !== undefined) return `in ${durationWords(String(value.in))}`
  return JSON.stringify(value) ?? 'nothing'
}

function countWords(count = { at_least: 1 }) {
  const [[form, number]] = Object.entries(count)
  const words = [number].flat().join(' and ')
  return `${countForms[form] ?? form} ${words} ${words === '1' ? 'time' : 'times'}`
}

function figureWords({ aggregate, event_type: type, where, ...test }) {
  const [[name, path]] = Object.entries(aggregate)
  return `${aggregates[name] ?? name} of ${path} in ${type}${whereWords(where)} ${testWords(test)}`
}

function windowWords({ within, from, to }) {
  if (within !== undefined) return `in the last ${durationWords(String(within))}`
  if (from === undefined && to === undefined) return 'ever'
  return [from !== undefined && `from ${valueWords(from)}`, to !== undefined && `until ${valueWords(to)}`].filter(Boolean).join(' ')
}

const whereWords = where => where === undefined ? '' : ` (${cut(payloadWords(where))})`

function payloadWords(where) {
  if (isNot(where)) return `not (${payloadWords(where.not)})`
  if (isGroup(where)) return (where.all ?? where.any).map(payloadWords).join(where.all ? ' and ' : ' or ')
  return `${where?.payload} ${testWords(where ?? {})}`
}

const cut = text => text.length > longest ? `${text.slice(0, longest)}…` : text
