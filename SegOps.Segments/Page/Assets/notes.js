import { el } from './dom.js'
import { count, percent } from './format.js'
import { walk } from './model.js'
import { isWithin } from './rule.js'

/**
 * The notes at the groups and conditions of the builder: how many users a condition matches, faults, warnings, and what it lacks.
 * What has no place is left over.
 */
export function createNotes() {
  const places = new Map()
  let given = {}

  return {
    clear: () => places.clear(),
    /** Creates the place of a node's notes. */
    placeFor(id) {
      const place = el('div', { class: 'notes' })
      places.set(id, place)
      return place
    },
    /** Shows other notes, and returns the faults and warnings that belong to no node. */
    set(root, notes) {
      given = notes
      return this.show(root)
    },
    show(root) {
      const { faults = [], warnings = [], lacks = [], conditions = [], users = 0 } = given
      const paths = []
      walk(root, (node, path) => paths.push([path, node]))
      const items = new Map([...places.keys()].map(id => [id, []]))
      const rest = []
      for (const [kind, list] of [['fault', faults], ['warning', warnings]])
        for (const note of list) {
          const owner = ownerOf(note.path, paths)
          if (owner) items.get(owner.id).push(noteOf(kind, note.message, note.code))
          else rest.push({ ...note, kind })
        }
      for (const { id, message } of lacks) items.get(id)?.push(el('p', { class: 'lack' }, message))
      const stats = new Map(conditions.map(each => [each.path, each]))
      for (const [path, node] of paths)
        if (node !== root && node.type !== 'payload' && stats.has(path)) items.get(node.id).unshift(statsOf(stats.get(path), users))
      for (const [id, place] of places) {
        place.replaceChildren(...items.get(id))
        const box = place.closest('[data-node]')
        box?.toggleAttribute('data-faulty', items.get(id).some(each => each.dataset.kind === 'fault'))
      }
      return rest
    },
  }

  /** The deepest node at whose path the note is. */
  function ownerOf(path, paths) {
    let found = null, length = -1
    for (const [at, node] of paths)
      if (isWithin(String(path ?? ''), at) && at.length >= length && places.has(node.id)) [found, length] = [node, at.length]
    return found
  }
}

export const noteOf = (kind, message, code) => el('p', { class: `note-line ${kind}`, 'data-kind': kind, 'data-code': code },
  el('span', { class: kind === 'fault' ? 'icon icon-down' : 'icon icon-alert', 'aria-hidden': 'true' }), el('span', {}, el('span', { class: 'visually-hidden' }, kind === 'fault' ? 'Fault: ' : 'Warning: '), message))

function statsOf({ users: matching, unset, other_type: other, without_it: without }, users) {
  const bar = el('span', { class: 'share', 'aria-hidden': 'true' }, el('span'))
  bar.firstChild.style.width = `${users > 0 ? 100 * matching / users : 0}%`
  const fact = (value, words) => el('span', { class: 'fact' }, el('b', {}, count(value)), ` ${words}`)
  return el('div', { class: 'stats', 'data-users': matching, 'data-without-it': without },
    bar,
    el('span', { class: 'fact' }, el('b', {}, count(matching)), ` match${users > 0 ? ` (${percent(matching / users)})` : ''}`),
    unset > 0 && fact(unset, 'unset'),
    other > 0 && fact(other, 'of another type'),
    without !== undefined && fact(without, 'would match without this'))
}
