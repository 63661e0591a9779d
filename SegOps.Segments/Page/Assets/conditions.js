import { el } from './dom.js'
import { choice, choiceOf, durationField, linesField, momentField, numberField, textField, withDependent } from './fields.js'
import { aggregates, comparesText, countForms, figureOperators, formNames, operatorGroups, operators } from './operators.js'
import { setOperator } from './test-model.js'

// The fields of each type of condition. `builder` has `changed()` for after a change, `whereOf(filter)` for the tests of a payload, and
// `segments()`.

export const typeNames = { user_property: 'User property', event: 'Event', sequence: 'Sequence', segment: 'Segment', payload: 'Payload' }

export const fieldsOf = (condition, builder) => makers[condition.type](condition, builder)

const makers = {
  user_property: (condition, builder) => [line(
    textField(condition, 'path', 'Property', builder.changed, { placeholder: 'plan', class: 'name', list: 'property-names' }), ...testFields(condition.test, builder))],
  payload: (condition, builder) => [line(
    textField(condition, 'path', 'Value of the payload', builder.changed, { placeholder: 'total', class: 'name' }), ...testFields(condition.test, builder))],
  event: (condition, builder) => [
    line(eventField(condition.events, 'event type', 'eventType', builder), ...measureFields(condition, builder)),
    line(...windowFields(condition.window, builder)),
    builder.whereOf(condition.events, condition),
  ],
  sequence: (condition, builder) => [
    line(eventField(condition.first, 'first event type', 'first', builder)),
    builder.whereOf(condition.first, condition),
    line(happensField(condition, builder), durationField(condition, 'gap', 'time between the events', builder.changed), word('by')),
    line(eventField(condition.then, 'following event type', 'then', builder),
      el('label', { class: 'inline' }, 'with the same ', textField(condition, 'same', 'value that both payloads share', builder.changed, { placeholder: 'any payload', class: 'short' }))),
    builder.whereOf(condition.then, condition),
    line(word('the first event occurred'), ...windowFields(condition.window, builder)),
  ],
  segment: (condition, builder) => [line(word('is in'), choiceOf(condition, 'segmentId', 'Segment', segmentOptions(condition, builder), builder.changed))],
}

const line = (...fields) => el('div', { class: 'line' }, ...fields)
const word = text => el('span', { class: 'word' }, text)
const eventField = (filter, label, name, { changed }) => textField(filter, 'eventType', label, changed, { placeholder: 'order_placed', class: 'name', list: 'event-type-names', 'data-field': name })

const happensField = (condition, { changed }) => choice(String(condition.happens), 'happens', 'Whether it is followed', [['true', 'is followed within'], ['false', 'is not followed within']], value => {
  condition.happens = value === 'true'
  changed()
})

function segmentOptions({ segmentId }, { segments }) {
  const known = segments()
  return [['', 'Choose a segment'], ...known, ...segmentId === '' || known.some(([id]) => id === segmentId) ? [] : [[segmentId, segmentId]]]
}

function measureFields(condition, builder) {
  const options = [['count', 'occurred'], ...Object.entries(aggregates)]
  return withDependent(
    refill => choice(condition.measure, 'measure', 'What is measured', options, value => {
      condition.measure = value
      if (!figureOperators.includes(condition.test.operator)) setOperator(condition.test, 'at_least')
      condition.test.form = 'number'
      refill()
      builder.changed()
    }),
    () => condition.measure === 'count' ? countFields(condition.count, builder)
      : [word('of'), textField(condition, 'path', 'Value of the payload', builder.changed, { placeholder: 'total', class: 'short' }), ...testFields(condition.test, builder, figureOperators)])
}

function countFields(count, { changed }) {
  const bound = (name, label) => numberField(count, name, label, () => {
    if (count.form === 'default') count.form = 'at_least'
    changed()
  }, { inputmode: 'numeric' })
  return [...withDependent(
    refill => choice(count.form === 'default' ? 'at_least' : count.form, 'count-form', 'How often', Object.entries(countForms), value => {
      count.form = value
      refill()
      changed()
    }),
    () => [bound('low', count.form === 'between' ? 'Fewest times' : 'Times'), ...count.form === 'between' ? [word('and'), bound('high', 'Most times')] : []]), word('times')]
}

function windowFields(window, { changed }) {
  return withDependent(
    refill => choice(window.form, 'window', 'When', [['ever', 'at any time'], ['within', 'in the last'], ['between', 'between']], value => {
      window.form = value
      refill()
      changed()
    }),
    () => {
      if (window.form === 'within') return [durationField(window, 'within', 'time span', changed)]
      if (window.form !== 'between') return []
      return [momentField(window.from, 'from', 'start', changed, ['start', 'the beginning']), word('and'), momentField(window.to, 'to', 'end', changed, ['now', 'now'])]
    })
}

/** The operator, the kind of its values where it takes several, and the values. `only` are the operators of a figure, which is a number. */
function testFields(test, builder, only) {
  const named = names => names.map(name => [name, operators[name].words])
  const options = only ? named(only) : operatorGroups.map(([group, names]) => [group, named(names)])
  return withDependent(
    refill => choice(test.operator, 'operator', 'Operator', options, value => {
      setOperator(test, value)
      if (only) test.form = 'number'
      refill()
      builder.changed()
    }),
    () => operators[test.operator].takes === 'none' ? [] : formFields(test, builder, only !== undefined))
}

function formFields(test, builder, isFigure) {
  const { forms } = operators[test.operator]
  if (forms.length === 1 || isFigure) return valueFields(test, builder)
  return withDependent(
    refill => choice(test.form, 'form', 'Kind of value', forms.map(name => [name, formNames[name]]), value => {
      if (value === 'flag' && test.text !== 'false') test.text = 'true'
      test.form = value
      refill()
      builder.changed()
    }),
    () => valueFields(test, builder))
}

function valueFields(test, { changed }) {
  const { takes } = operators[test.operator]
  if (test.form === 'time') {
    const moments = test.moments.slice(0, takes === 'pair' ? 2 : 1).map((moment, index) => momentField(moment, `moment${index}`, takes === 'pair' ? ['earliest', 'latest'][index] : 'time', changed))
    return moments.length === 2 ? [moments[0], word('and'), moments[1]] : moments
  }
  if (takes === 'pair') return [numberField(test, 'low', 'Lowest value', changed), word('and'), numberField(test, 'high', 'Highest value', changed)]
  if (test.form === 'flag') return [choiceOf(test, 'text', 'Value', [['true', 'true'], ['false', 'false']], changed)]
  const field = takes === 'list' ? linesField(test, 'lines', 'Values, one a line', changed)
    : test.form === 'number' ? numberField(test, 'text', 'Value', changed) : textField(test, 'text', 'Value', changed, { placeholder: 'value', class: 'value' })
  return [field, comparesText(test) && ignoreCase(test, changed)]
}

const ignoreCase = (test, changed) => el('label', { class: 'inline check' }, el('input', {
  type: 'checkbox', checked: test.ignoreCase, 'data-field': 'ignore-case',
  onchange: event => {
    test.ignoreCase = event.target.checked
    changed()
  },
}), 'ignore case')
