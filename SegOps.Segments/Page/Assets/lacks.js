// What a condition of the builder lacks before a rule with it is sent. No module of the document.
import { walk } from './model.js'
import { lackOf } from './test-model.js'

/** Returns `[{ path, id, message }]`, in document order. Empty groups of the rule are included. */
export function lacksOf(root) {
  const found = []
  walk(root, (node, path) => {
    const message = node.kind === 'group' ? node.rules.length === 0 ? 'Add a condition.' : '' : lacks[node.type](node)
    if (message) found.push({ path, id: node.id, message })
  })
  return found
}

const lacks = {
  user_property: ({ path, test }) => path.trim() === '' ? 'Name a property.' : lackOf(test),
  payload: ({ path, test }) => path.trim() === '' ? 'Name a value of the payload.' : lackOf(test),
  event: ({ events, measure, count, path, test, window }) =>
    events.eventType.trim() === '' ? 'Name an event type.' : measure === 'count' ? countLack(count) || windowLack(window) : path.trim() === '' ? 'Name a value of the payload.' : lackOf(test) || windowLack(window),
  sequence: ({ first, then, gap, window }) =>
    first.eventType.trim() === '' || then.eventType.trim() === '' ? 'Name both event types.' : gap.trim() === '' ? 'Type the time between them, as a whole number.' : windowLack(window),
  segment: ({ segmentId }) => segmentId === '' ? 'Choose a segment.' : '',
}

const isWhole = text => /^\d+$/.test(text.trim())
const countLack = ({ form, low, high }) => form === 'default' || isWhole(low) && (form !== 'between' || isWhole(high)) ? '' : 'Type how often.'

function windowLack({ form, within, from, to }) {
  if (form === 'within') return within === '' ? 'Type a time span, as a whole number.' : ''
  if (form === 'between') return [from, to].some(moment => ['at', 'ago', 'in'].includes(moment.form) && moment.text.trim() === '') ? 'Type when.' : ''
  return ''
}
