// The builder's form of an operator with its values. No module of the document.
import { operators } from './operators.js'

/**
 * `form` is what the values are: text, number, flag, mixed or time. `text` is the value, `lines` a list of values, one a line,
 * `low` and `high` the bounds of `between`, and `moments` its times.
 */
export const newTest = (operator = 'equals', form = 'text') =>
  ({ operator, form, text: '', lines: '', low: '', high: '', moments: [{ form: 'ago', text: 'P14D' }, { form: 'ago', text: 'P7D' }], ignoreCase: false })

/** Changes the operator, and the form of the values if the operator does not take it. */
export function setOperator(test, operator) {
  test.operator = operator
  const { forms } = operators[operator]
  if (forms.length > 0 && !forms.includes(test.form)) test.form = forms[0]
}

/** Reads `operator`, `value` and `ignore_case`. `fault(name, message)` creates the error. Other members go to `extra`. */
export function readTest({ operator, value, ignore_case: ignoreCase, ...rest }, fault, extra) {
  if (!Object.hasOwn(operators, String(operator))) throw fault('operator', 'This operator is unknown.')
  if (ignoreCase !== undefined && typeof ignoreCase !== 'boolean') throw fault('ignore_case', 'ignore_case is true or false.')
  const { takes, forms } = operators[operator]
  const test = { ...newTest(operator), ignoreCase: ignoreCase ?? false }
  for (const [name, member] of Object.entries(rest)) if (member !== undefined) extra[name] = member
  if (takes === 'none') {
    if (value !== undefined) extra.value = value
    return test
  }
  const values = takes === 'one' ? [value] : value
  if (!Array.isArray(values) || takes === 'pair' && values.length !== 2) throw fault('value', takes === 'pair' ? 'This operator takes two values.' : 'This operator takes a list of values.')
  const found = [...new Set(values.map(formOf))]
  const form = takes === 'list' ? found.length === 1 && forms.includes(found[0]) && !values.some(hasBreak) ? found[0] : values.length === 0 ? 'text' : 'mixed' : formFor(found, forms)
  if (form === undefined || values.some(each => formOf(each) === undefined)) throw fault('value', `This operator takes ${forms.join(', ')}.`)
  test.form = form
  if (form === 'time') test.moments = values.map(toMoment).concat(test.moments.slice(values.length))
  else if (takes === 'pair') [test.low, test.high] = values.map(String)
  else if (takes === 'list') test.lines = values.map(each => form === 'mixed' ? JSON.stringify(each) : String(each)).join('\n')
  else test.text = String(value)
  return test
}

/** Writes what `readTest` reads. Text that is not a value of its form stays text, so that the service reports it. */
export function writeTest({ operator, form, text, lines, low, high, moments, ignoreCase }) {
  const { takes, forms } = operators[operator]
  const written = { operator }
  if (takes === 'one') written.value = form === 'time' ? fromMoment(moments[0]) : valueOf(form, text)
  if (takes === 'pair') written.value = form === 'time' ? moments.map(fromMoment) : [valueOf(form, low), valueOf(form, high)]
  if (takes === 'list') written.value = linesOf(lines).map(line => valueOf(form, line))
  return ignoreCase && form === 'text' && forms.includes('text') ? { ...written, ignore_case: true } : written
}

/** The lines that hold a value. */
export const linesOf = lines => lines.split('\n').filter(line => line.trim() !== '')

/** What is missing in the test before it can be sent, or ''. */
export function lackOf({ operator, form, text, lines, low, high, moments }) {
  const { takes } = operators[operator]
  if (takes === 'none') return ''
  if (takes === 'list') return linesOf(lines).length === 0 ? 'Type values, one a line.' : ''
  if (form === 'time') return moments.slice(0, takes === 'pair' ? 2 : 1).some(moment => moment.text.trim() === '') ? 'Type a time.' : ''
  const typed = takes === 'pair' ? [low, high] : [text]
  if (form === 'number' && typed.some(each => typeof valueOf(form, each) !== 'number')) return 'Type a number.'
  return form === 'text' && text === '' && operator !== 'equals' && operator !== 'not_equals' ? 'Type a value.' : ''
}

const hasBreak = value => typeof value === 'string' && (value.includes('\n') || value.trim() === '')
const formFor = (found, forms) => forms.find(form => found.every(each => each === form || form === 'time' && (each === 'text' || each === 'moment')))
const toMoment = value => typeof value === 'string' ? { form: 'at', text: value } : { form: Object.keys(value)[0], text: Object.values(value)[0] }
const fromMoment = ({ form, text }) => form === 'at' ? text : { [form]: text }

function formOf(value) {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'flag'
  const [[name, span] = [], ...more] = Object.entries(value ?? {})
  return more.length === 0 && (name === 'ago' || name === 'in') && typeof span === 'string' ? 'moment' : undefined
}

function valueOf(form, text) {
  if (form === 'flag') return text === 'true'
  if (form === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (form !== 'mixed') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
