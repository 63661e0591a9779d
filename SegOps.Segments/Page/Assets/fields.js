import { el } from './dom.js'
import { joinDuration, splitDuration, units } from './operators.js'

// The fields of the builder. Each takes the object that it edits, the member's name and what to do after a change. `data-field` is its
// name, by which the focus returns to it when the builder is drawn again.

/** A text field. */
export const textField = (owner, name, label, changed, attributes = {}) => el('input', {
  type: 'text', 'aria-label': label, 'data-field': name, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', ...attributes, value: owner[name],
  oninput: event => {
    owner[name] = event.target.value
    changed()
  },
})

/** A field of numbers. It is a text field, since a number field loses what is no number yet. */
export const numberField = (owner, name, label, changed, attributes = {}) => textField(owner, name, label, changed, { inputmode: 'decimal', class: 'narrow', ...attributes })

/** A field of several lines. It grows with them. */
export function linesField(owner, name, label, changed) {
  const field = el('textarea', {
    'aria-label': label, 'data-field': name, autocapitalize: 'none', spellcheck: 'false', placeholder: 'one value a line', rows: rowsOf(owner[name]),
    oninput: () => {
      owner[name] = field.value
      field.rows = rowsOf(field.value)
      changed()
    },
  })
  field.value = owner[name]
  return field
}

const rowsOf = text => Math.min(8, Math.max(2, text.split('\n').length))

/** A list to choose from. Options are `[value, words]`, or `[words, [options]]` for a group of them. */
export function choice(value, name, label, options, changed, attributes = {}) {
  const optionOf = ([each, words]) => Array.isArray(words) ? el('optgroup', { label: each }, ...words.map(optionOf)) : el('option', { value: each }, words)
  const list = el('select', { 'aria-label': label, 'data-field': name, ...attributes, onchange: () => changed(list.value) }, ...options.map(optionOf))
  list.value = value
  return list
}

/** The member as a choice. */
export const choiceOf = (owner, name, label, options, changed) => choice(owner[name], name, label, options, value => {
  owner[name] = value
  changed()
})

/** An amount with its unit, or a text for a duration of several units. */
export function durationField(owner, name, label, changed) {
  const parts = splitDuration(owner[name]) ?? (owner[name] === '' ? { amount: '', unit: 'D' } : null)
  const host = el('span', { class: 'pair' })
  if (parts === null) {
    host.append(textField(owner, name, label, changed, { class: 'short', placeholder: 'P1DT12H' }))
    return host
  }
  const set = () => {
    owner[name] = /^\d+$/.test(parts.amount.trim()) ? joinDuration({ ...parts, amount: parts.amount.trim() }) : ''
    changed()
  }
  host.append(
    el('input', { type: 'text', inputmode: 'numeric', class: 'narrow', 'aria-label': label, 'data-field': name, autocomplete: 'off', value: parts.amount,
      oninput: event => {
        parts.amount = event.target.value
        set()
      } }),
    choice(parts.unit, `${name}-unit`, `${label}: unit`, Object.entries(units).map(([unit, [, words]]) => [unit, words]), unit => {
      parts.unit = unit
      set()
    }))
  return host
}

/**
 * A list to choose from, and the fields that depend on the choice. Only these are made again after a change, since a list that is replaced
 * forgets what was typed to find an option. `make(refill)` creates the list, which calls `refill()` after a change, and `dependent()` the fields.
 */
export function withDependent(make, dependent) {
  const host = el('span', { class: 'contents' })
  const fill = () => host.replaceChildren(...dependent().filter(Boolean))
  fill()
  return [make(fill), host]
}

/** A time: absolute, or relative to now. `absent` is a form without a text, `[form, words]`. */
export function momentField(moment, name, label, changed, absent) {
  const forms = [...absent ? [absent] : [], ['ago', 'now minus'], ['in', 'now plus'], ['at', 'the time']]
  return el('span', { class: 'pair' }, ...withDependent(
    refill => choice(moment.form, `${name}-form`, `${label}: kind of time`, forms, value => {
      const wasDuration = moment.form === 'ago' || moment.form === 'in'
      if (value === 'at') moment.text = ''
      else if (!wasDuration) moment.text = 'P7D'
      moment.form = value
      refill()
      changed()
    }),
    () => {
      if (moment.form === 'at') return [textField(moment, 'text', label, changed, { class: 'time', 'data-field': name, placeholder: '2026-01-31T00:00:00Z' })]
      if (moment.form !== 'ago' && moment.form !== 'in') return []
      const span = durationField(moment, 'text', label, changed)
      for (const field of span.children) field.dataset.field = `${name}-${field.dataset.field}`
      return [span]
    }))
}
