// Finds and moves nodes of the builder's tree. No module of the document.

/** Finds where a node is: `{ list, index, parent, outer }`. `outer` is the group around `parent`, if there is one; null for a root. */
export function locate(root, id) {
  return inGroup(root, null)

  function inGroup(group, outer) {
    for (const [index, node] of group.rules.entries()) {
      if (node.id === id) return { list: group.rules, index, parent: group, outer }
      const found = node.kind === 'group' ? inGroup(node, group) : filtersOf(node).map(({ where }) => inGroup(where, null)).find(Boolean)
      if (found) return found
    }
    return null
  }
}

/** The event filters of a condition. */
export const filtersOf = node => node.type === 'event' ? [node.events] : node.type === 'sequence' ? [node.first, node.then] : []

/** Moves a node one place up (-1) or down (1): into the group that is there, or out of its group at its end. Returns whether it moved. */
export function move(root, id, step) {
  const { list, index, parent, outer } = locate(root, id)
  const node = list[index], neighbour = list[index + step]
  if (neighbour === undefined) {
    if (outer === null) return false
    list.splice(index, 1)
    outer.rules.splice(outer.rules.indexOf(parent) + (step > 0 ? 1 : 0), 0, node)
  } else if (neighbour.kind === 'group') {
    list.splice(index, 1)
    if (step > 0) neighbour.rules.unshift(node)
    else neighbour.rules.push(node)
  } else {
    [list[index], list[index + step]] = [neighbour, node]
  }
  return true
}

/** A copy of a node with ids of its own. */
export function copyOf(node, newId) {
  const copy = structuredClone(node)
  renew(copy)
  return copy

  function renew(part) {
    part.id = newId()
    for (const inner of part.rules ?? filtersOf(part).map(({ where }) => where)) renew(inner)
  }
}
