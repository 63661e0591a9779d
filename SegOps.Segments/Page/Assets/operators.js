/** The operators with their words, what values they take, and how many: `none`, `one`, `pair` or `list`. */
export const operators = {
  equals: { words: 'is', forms: ['text', 'number', 'flag'], takes: 'one' },
  not_equals: { words: 'is not', forms: ['text', 'number', 'flag'], takes: 'one' },
  in: { words: 'is one of', forms: ['text', 'number', 'mixed'], takes: 'list' },
  not_in: { words: 'is none of', forms: ['text', 'number', 'mixed'], takes: 'list' },
  is_set: { words: 'is set', forms: [], takes: 'none' },
  is_not_set: { words: 'is not set', forms: [], takes: 'none' },
  contains: { words: 'contains', forms: ['text'], takes: 'one' },
  starts_with: { words: 'starts with', forms: ['text'], takes: 'one' },
  ends_with: { words: 'ends with', forms: ['text'], takes: 'one' },
  greater_than: { words: 'is greater than', forms: ['number'], takes: 'one' },
  at_least: { words: 'is at least', forms: ['number'], takes: 'one' },
  less_than: { words: 'is less than', forms: ['number'], takes: 'one' },
  at_most: { words: 'is at most', forms: ['number'], takes: 'one' },
  between: { words: 'is between', forms: ['number', 'time'], takes: 'pair' },
  before: { words: 'is before', forms: ['time'], takes: 'one' },
  after: { words: 'is after', forms: ['time'], takes: 'one' },
  has: { words: 'has the element', forms: ['text', 'number', 'flag'], takes: 'one' },
  has_any: { words: 'has any of', forms: ['text', 'number', 'mixed'], takes: 'list' },
  has_all: { words: 'has all of', forms: ['text', 'number', 'mixed'], takes: 'list' },
}

/** The operators in the groups in which a list offers them. */
export const operatorGroups = [
  ['Any value', ['equals', 'not_equals', 'in', 'not_in', 'is_set', 'is_not_set']],
  ['Text', ['contains', 'starts_with', 'ends_with']],
  ['Number', ['greater_than', 'at_least', 'less_than', 'at_most', 'between']],
  ['Time', ['before', 'after', 'between']],
  ['List', ['has', 'has_any', 'has_all']],
]

/** The operators of a figure over events, which is a number. */
export const figureOperators = ['at_least', 'greater_than', 'at_most', 'less_than', 'between', 'equals', 'not_equals', 'in', 'not_in']

/** The operators that compare texts, and so can ignore their case. */
export const comparesText = ({ operator, form }) => form === 'text' && operators[operator].forms.includes('text')

export const formNames = { text: 'text', number: 'number', flag: 'true or false', mixed: 'JSON values', time: 'time' }
export const aggregates = { sum: 'sum', avg: 'average', min: 'smallest', max: 'largest', distinct: 'number of different values' }
export const countForms = { at_least: 'at least', at_most: 'at most', exactly: 'exactly', between: 'between' }
export const units = { M: ['minute', 'minutes'], H: ['hour', 'hours'], D: ['day', 'days'], W: ['week', 'weeks'] }

/** Splits a duration such as P14D into `{ amount: '14', unit: 'D' }`; null if it has several units or none. */
export function splitDuration(text) {
  const [, week, day, hour, minute] = /^P(?:(\d+)W|(\d+)D|T(\d+)H|T(\d+)M)$/.exec(text) ?? []
  const [unit, amount] = Object.entries({ W: week, D: day, H: hour, M: minute }).find(([, value]) => value !== undefined) ?? []
  return unit ? { amount, unit } : null
}

export const joinDuration = ({ amount, unit }) => unit === 'W' || unit === 'D' ? `P${amount}${unit}` : `PT${amount}${unit}`

/** Spells a duration: 14 days, or as it is written. */
export function durationWords(text) {
  const parts = splitDuration(text)
  return parts ? `${parts.amount} ${units[parts.unit][parts.amount === '1' ? 0 : 1]}` : text
}
