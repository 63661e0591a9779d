import { fieldsOf, typeNames } from './conditions.js'
import { announce, el } from './dom.js'
import { choice } from './fields.js'
import { newCondition, newGroup, newId } from './model.js'
import { createNotes } from './notes.js'
import { copyOf, locate, move } from './tree.js'

const matches = { all: 'all of', any: 'any of', none: 'none of', 'not-all': 'not all of' }
const mostUndone = 50

/**
 * Draws a rule as a tree of groups and conditions in `host`, and changes it. `changed()` is called after each change; `segments()` returns the
 * segments that a condition can name, as `[id, name]`.
 */
export function createBuilder(host, undo, { changed, segments }) {
  const notes = createNotes()
  let root = newGroup(), past = []

  const builder = {
    changed,
    segments,
    whereOf: (filter, condition) => filter.where.rules.length > 0 ? groupOf(filter.where, { isWhere: true })
      : el('button', { type: 'button', class: 'add', 'data-field': `where-${filter === condition.then ? 'then' : 'first'}`, onclick: () => add(filter.where, newCondition('payload')) }, '+ where the payload…'),
  }

  /** Shows another rule. Nothing of the previous one can be undone. */
  function load(tree) {
    root = tree
    past = []
    undo.disabled = true
    draw()
  }

  function draw() {
    const focused = document.activeElement?.closest('[data-field]'), within = host.contains(focused) ? focused.closest('[data-node]')?.dataset.node : undefined
    notes.clear()
    host.replaceChildren(groupOf(root, { isRoot: true }))
    notes.show(root)
    if (within) focusOn(within, focused.dataset.field)
  }

  /** Focuses a field of a node, or its first one. */
  function focusOn(id, field) {
    const node = host.querySelector(`[data-node="${id}"]`)
    const own = [...node?.querySelectorAll('[data-field]') ?? []].filter(each => each.closest('[data-node]') === node)
    ;(own.find(each => each.dataset.field === field) ?? own.find(each => /^(INPUT|SELECT|TEXTAREA)$/.test(each.tagName)) ?? own[0])?.focus()
  }

  function change(action) {
    keepForUndo()
    action()
    redraw()
  }

  function keepForUndo() {
    past = [...past.slice(1 - mostUndone), structuredClone(root)]
    undo.disabled = false
  }

  function redraw() {
    draw()
    changed()
  }

  undo.addEventListener('click', () => {
    if (past.length === 0) return
    root = past.pop()
    undo.disabled = past.length === 0
    redraw()
    announce('Undone.')
  })

  function groupOf(group, { isRoot = false, isWhere = false, isInWhere = isWhere }) {
    const match = group.nots % 2 === 0 ? group.op : group.op === 'any' ? 'none' : 'not-all'
    const name = isWhere ? 'Payload' : 'Group'
    // The list stays, since one that is replaced forgets what was typed to find an option.
    const list = choice(match, 'match', isWhere ? 'How many of the payload\'s tests must hold' : 'How many must match', Object.entries(matches), value => {
      keepForUndo()
      Object.assign(group, { op: value === 'all' || value === 'not-all' ? 'all' : 'any', nots: value === 'none' || value === 'not-all' ? 1 : 0, isBare: false })
      box.dataset.op = value
      box.setAttribute('aria-label', `${name}: ${matches[value]}`)
      changed()
    })
    const box = el('div', { class: isWhere ? 'box where' : 'box', role: 'group', 'aria-label': `${name}: ${matches[match]}`, 'data-node': group.id, 'data-op': match },
      el('div', { class: 'box-head' }, el('span', { class: 'word' }, isWhere ? 'where' : isRoot ? 'Users who match' : ''), list,
        !isRoot && !isWhere && actionsOf(group, 'group')),
      group.rules.length > 0 && el('ol', { class: 'rules' }, ...group.rules.map(node => el('li', {}, node.kind === 'group' ? groupOf(node, { isInWhere }) : conditionOf(node)))),
      notes.placeFor(group.id),
      el('div', { class: 'adds' }, ...addsOf(group, isInWhere)))
    return box
  }

  function addsOf(group, isInWhere) {
    const types = isInWhere ? ['payload'] : ['user_property', 'event', 'sequence', 'segment']
    const button = (name, words, make) => el('button', { type: 'button', class: 'add', 'data-field': `add-${name}`, onclick: () => add(group, make()) }, `+ ${words}`)
    return [...types.map(type => button(type, type === 'payload' ? 'Payload value' : typeNames[type], () => newCondition(type))), button('group', 'Group', () => newGroup('any'))]
  }

  function add(group, node) {
    change(() => group.rules.push(node))
    focusOn(node.id)
    announce(node.kind === 'group' ? 'Group added.' : `${typeNames[node.type]} condition added.`)
  }

  function conditionOf(node) {
    const isNegated = node.nots % 2 === 1
    return el('div', { class: 'condition', role: 'group', 'aria-label': `${isNegated ? 'Not: ' : ''}${typeNames[node.type]}`, 'data-node': node.id, 'data-type': node.type, 'data-negated': isNegated, onkeydown: event => shortcut(event, node) },
      el('div', { class: 'condition-head' },
        el('span', { class: 'type' }, typeNames[node.type]),
        el('button', { type: 'button', class: 'toggle', 'aria-pressed': String(isNegated), 'data-field': 'not', onclick: () => change(() => { node.nots = isNegated ? 0 : 1 }) }, 'Not'),
        actionsOf(node, 'condition')),
      ...fieldsOf(node, builder),
      notes.placeFor(node.id))
  }

  function actionsOf(node, noun) {
    const action = (name, sign, words, run) => el('button', { type: 'button', class: 'action', 'data-field': name, 'aria-label': `${words} ${noun}`, title: `${words} ${noun}`, onclick: run }, el('span', { class: `sign sign-${sign}` }))
    return el('span', { class: 'actions' },
      action('up', 'up', 'Move up', () => shift(node, -1)),
      action('down', 'down', 'Move down', () => shift(node, 1)),
      action('copy', 'copy', 'Duplicate', () => duplicate(node)),
      action('remove', 'remove', 'Remove', () => remove(node)))
  }

  function shortcut(event, node) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!event.altKey || step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    shift(node, step)
  }

  function shift(node, step) {
    let moved = false
    change(() => { moved = move(root, node.id, step) })
    if (!moved) past.pop()
    undo.disabled = past.length === 0
    const { index, parent } = locate(root, node.id)
    announce(moved ? `Moved to place ${index + 1} of ${parent.rules.length}.` : 'It is already at the end.')
  }

  function duplicate(node) {
    const copy = copyOf(node, newId)
    change(() => {
      const { list, index } = locate(root, node.id)
      list.splice(index + 1, 0, copy)
    })
    focusOn(copy.id)
    announce('Duplicated.')
  }

  function remove(node) {
    const { list, index, parent } = locate(root, node.id)
    change(() => list.splice(index, 1))
    const next = list[index] ?? list[index - 1]
    if (next) focusOn(next.id, 'remove')
    else focusOn(parent.id)
    announce('Removed. Undo brings it back.')
  }

  return { load, root: () => root, note: given => notes.set(root, given), focusOn }
}
